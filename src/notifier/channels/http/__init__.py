"""HTTP posts to webhooks: client, connections, responses."""
