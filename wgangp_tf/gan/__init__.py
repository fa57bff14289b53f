"""The method: losses, penalties, constraints, the model with train_step."""
