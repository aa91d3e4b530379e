"""The real template in a fake AWS, in this process."""
