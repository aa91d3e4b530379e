"""The events of builds, deployments and syncs from Git."""
