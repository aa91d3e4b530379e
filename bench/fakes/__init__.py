"""Slack and AWS on loopback, for every subject alike."""
