"""Floor 3: real and fake samples → a number."""
