"""Courrier's fetcher."""
