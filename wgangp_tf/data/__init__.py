"""Name → samples by index; order, batches."""
