"""The memory of each resource: what happened to it, what was decided about it, and what is due."""
