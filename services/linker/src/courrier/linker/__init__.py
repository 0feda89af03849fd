"""Courrier's linker."""
