"""Processes of their own that read messages."""
