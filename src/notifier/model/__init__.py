"""A status change and what is said about it, whichever service reported it."""
