"""What the sender decides, as functions over values: no clock, no network, no randomness."""
