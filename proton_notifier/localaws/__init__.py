"""The real template in a stand-in for AWS, in this process."""
