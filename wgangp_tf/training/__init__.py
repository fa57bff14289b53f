"""Floor 4: strategy, callbacks, checkpoints and exact resume, run directory."""
