"""What is decided here, without clock, randomness or I/O."""
