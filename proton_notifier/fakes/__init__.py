"""The vendors' servers on loopback, which refuse what the vendors refuse."""
