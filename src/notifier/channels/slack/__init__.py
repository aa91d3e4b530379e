"""Slack: a webhook, a bot, and what workflows start with."""
