"""Courrier's gateway."""
