"""What a sample is, how it travels between what is stored, the networks and the user, and how it is drawn."""
