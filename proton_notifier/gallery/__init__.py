"""A page of events and their messages."""
