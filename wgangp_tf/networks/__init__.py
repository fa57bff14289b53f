"""(name, spec of the samples) → built generator and critic."""
