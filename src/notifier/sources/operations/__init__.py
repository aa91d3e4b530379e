"""The events of services that run, watch and protect a deployed application."""
