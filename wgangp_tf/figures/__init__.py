"""Floor 7: files of numbers → pictures and pages. Draws, never trains."""
