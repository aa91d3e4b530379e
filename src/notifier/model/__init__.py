"""A status change and the notification about it, for any source and any channel."""
