"""The types of places that messages go to, one module each."""
