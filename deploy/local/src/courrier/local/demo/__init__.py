"""A small company with customers: its mail server, its mailbox and its CRM records."""
