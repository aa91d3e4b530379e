"""The pages that show the results."""
