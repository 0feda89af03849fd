"""Fuzzing of the reader: the promises, the damage, and a search guided by coverage."""
