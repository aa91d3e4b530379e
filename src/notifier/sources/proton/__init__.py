"""AWS Proton's events, statuses and console pages."""
