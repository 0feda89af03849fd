"""HTML made safe to show, and read as a person reads it."""
