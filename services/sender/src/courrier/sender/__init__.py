"""Courrier's sender: what people write arrives once.

Owns ``OUTBOUND`` (its only writer). Reads ``SETTINGS`` for accounts. Answers ``SendMessage``.
The intent is on the log before the first byte goes to an SMTP server, the answer after it.
"""
