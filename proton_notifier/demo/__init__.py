"""`notifier demo`: the whole stack in this process, in simulated time."""
