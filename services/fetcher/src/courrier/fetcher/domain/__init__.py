"""What to fetch and what it means, decided without I/O, clock or chance."""
