"""Where decisions meet the log and the index."""
