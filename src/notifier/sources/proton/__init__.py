"""Everything that knows AWS Proton: its events, its statuses, its console."""
