"""Erase what holds an address, or one e-mail, from every store: find it, do it, report it."""
