"""Deliveries: their queue, their ledger, and the worker that sends them."""
