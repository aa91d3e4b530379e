"""Fakes of the vendors' servers on loopback, which reject what the vendors reject."""
