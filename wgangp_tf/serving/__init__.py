"""Floor 4: generator → SavedModel and back."""
