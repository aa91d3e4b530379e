"""HTTP posts: client, connections, responses."""
