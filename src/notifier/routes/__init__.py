"""The routes document: which destinations get which notifications, when, and in which words."""
