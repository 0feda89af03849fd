"""Courrier's gateway: HTTP, read models, and the only writer of ``SETTINGS`` and ``CRM``."""
