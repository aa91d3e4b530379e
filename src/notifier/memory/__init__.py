"""The memory of each resource: its history, the decisions about it, and its due notifications."""
