"""Deliveries: queue, ledger, and the worker that sends them."""
