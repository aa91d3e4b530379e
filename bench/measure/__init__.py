"""The measurements of a round, under faults, and in a storm."""
