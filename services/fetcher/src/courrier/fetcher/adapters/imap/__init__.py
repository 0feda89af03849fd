"""IMAP over aioimaplib; nothing named after that library leaves this package."""
