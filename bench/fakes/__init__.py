"""Fakes of Slack and AWS on loopback, the same for every subject."""
