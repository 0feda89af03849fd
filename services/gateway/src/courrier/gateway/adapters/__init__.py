"""Ports over PostgreSQL, NATS and processes."""
