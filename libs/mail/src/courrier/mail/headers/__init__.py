"""What header fields say: words, addresses, ids, dates, subjects."""
