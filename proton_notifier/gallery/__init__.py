"""A page that shows events beside the messages that they become."""
