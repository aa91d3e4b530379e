"""CloudFormation's events."""
