"""A page that shows events beside their messages."""
