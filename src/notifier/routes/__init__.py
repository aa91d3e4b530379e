"""The routes document: who is told of what, when and how."""
