"""A client of the HTTP API for Python programs: ``courrier.gateway.client.courrier.Courrier``."""
