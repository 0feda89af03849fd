"""The sender's tables, schema ``sender``: rebuilt from the log, never a truth of their own."""
