"""One question each: rows from events, and the reads that answer it."""
