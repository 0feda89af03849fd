"""TLS as mail servers need it: names and dates are checked, always; one context a process."""

import ssl
from pathlib import Path


def client_context(extra_ca_file: Path | None = None) -> ssl.SSLContext:
    """Return a context that trusts the system's authorities, and those of one more PEM file.

    Raises:
        OSError, ssl.SSLError: the file cannot be read or holds no certificate.
    """
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if extra_ca_file is not None:
        context.load_verify_locations(cafile=str(extra_ca_file))
    return context
