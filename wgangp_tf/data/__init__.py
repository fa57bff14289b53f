"""Floor 2: name → samples by index; order, batches, pictures ↔ tensors."""
