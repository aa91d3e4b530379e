"""The services that report, each with its events and what they mean."""
