"""Deliveries: queued, claimed, sent, and written down."""
