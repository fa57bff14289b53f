"""Floor 3: (name, sample shape) → built generator and critic."""
