"""Files of numbers → pictures and pages. Draws, never trains."""
