"""Slack: an incoming webhook, a bot, and the webhook of a workflow."""
