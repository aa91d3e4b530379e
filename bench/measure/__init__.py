"""The measurements: rounds, faults and the storm."""
