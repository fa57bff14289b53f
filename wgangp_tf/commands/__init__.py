"""Floor 6: one file for each thing a user does; sequencing only."""
