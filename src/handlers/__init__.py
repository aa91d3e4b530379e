"""The entry points of the two Lambda functions."""
