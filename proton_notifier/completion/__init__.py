"""`notifier completion`: what a shell needs to complete command lines."""
