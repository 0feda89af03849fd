"""The linker's index in PostgreSQL: SQL is here and nowhere else."""
