"""Which parts are the body and which are files, and what the body says as text."""
