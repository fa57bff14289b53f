"""How fast a step is on this machine: its limits, our step, and others beside it."""
