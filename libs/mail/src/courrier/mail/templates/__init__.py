"""Texts with placeholders in braces: what they ask for, and how they are filled in safely."""
