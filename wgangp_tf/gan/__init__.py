"""Floor 3: the method: losses, penalties, constraints, the model with train_step."""
