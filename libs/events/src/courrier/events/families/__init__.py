"""The facts: one module per stream family, each written by exactly one service."""
