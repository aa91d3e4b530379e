"""The events of services that run, monitor and protect a deployed application."""
