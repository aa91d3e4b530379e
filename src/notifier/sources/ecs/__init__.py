"""ECS's events."""
