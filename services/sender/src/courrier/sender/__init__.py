"""Courrier's sender."""
