"""A run: its directory, checkpoints and exact resume, events and what looks at them."""
