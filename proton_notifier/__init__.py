"""The `notifier` command and the local cloud behind its demo; none of it ships to Lambda."""
