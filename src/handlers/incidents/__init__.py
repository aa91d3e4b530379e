"""Incidents in the function that takes events: decide with the memory, keep what was decided, say what is due."""
