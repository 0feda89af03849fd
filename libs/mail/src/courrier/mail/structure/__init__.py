"""The tree of parts in raw bytes, their fields and parameters, and files of every kind."""
