"""The measured programs, each in a new process that imports nothing of its program before the measurement begins."""
