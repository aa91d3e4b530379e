"""Conversations: the messages about one incident at one destination."""
