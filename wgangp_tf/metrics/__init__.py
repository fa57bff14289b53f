"""Real and fake samples → a number."""
