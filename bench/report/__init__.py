"""Render the results in RESULTS.md and in the documentation."""
