"""One order each: load, decide, append; ports and domain only."""
