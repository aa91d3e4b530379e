"""The programs that are measured, each in a new process that imports nothing of its program before the clock runs."""
