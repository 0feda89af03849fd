"""The folders that every mailbox of the demo's company has."""

INBOX = "INBOX"
SENT = "Sent"
