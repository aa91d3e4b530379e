"""What is measured: each module runs in a fresh process, and imports nothing of its subject before the clock runs."""
