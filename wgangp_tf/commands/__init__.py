"""One file for each thing a user does; sequencing only."""
