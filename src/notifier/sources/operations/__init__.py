"""The events of services that run, watch and guard what was deployed."""
