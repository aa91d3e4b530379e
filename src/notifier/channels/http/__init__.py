"""Posting to a webhook: connections, deadlines, answers."""
