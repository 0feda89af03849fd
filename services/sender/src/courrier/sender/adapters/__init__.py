"""The world as the handlers' ports see it: SMTP servers."""
