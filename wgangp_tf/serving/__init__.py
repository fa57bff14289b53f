"""Generator → SavedModel and back."""
