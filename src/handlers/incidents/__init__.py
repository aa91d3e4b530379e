"""Incidents in the events function: decisions, their storage in the memory, and reminders."""
