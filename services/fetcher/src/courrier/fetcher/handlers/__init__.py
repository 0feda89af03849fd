"""Where decisions meet the mail server and the log."""
