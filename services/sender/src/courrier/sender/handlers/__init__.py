"""Where decisions meet the world: load, decide, append, and one effect between two facts."""
