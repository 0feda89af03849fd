"""TLS towards outgoing servers: 1.2 or newer, names and dates checked, always.

An account may add an authority of its own, or trust one certificate and no other: that is how a
self-signed server is used, and it is checked as strictly as any (RFC 8314 section 4).
"""

import ssl
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from courrier.events.families.settings import Server

OWN_CONTEXTS = 256
"""Contexts of accounts with authorities of their own that are kept; each costs about 0.5 MB."""


class OtherCertificate(ssl.SSLError):
    """The server shows another certificate than the one that is trusted."""


class Contexts:
    """The contexts of one process: one for all accounts, and one for each that wants another."""

    def __init__(self, usual: ssl.SSLContext, extra_ca_file: Path | None = None) -> None:
        self._usual = usual
        self._extra_ca_file = extra_ca_file
        self._of_authorities = lru_cache(OWN_CONTEXTS)(self._made)
        self.unchecked = _unchecked()

    def of(self, server: Server) -> ssl.SSLContext:
        """Return the context for a server; with a trusted certificate, ``check`` must follow.

        Raises:
            ssl.SSLError: its ``ca_pem`` holds no certificate.
        """
        if server.certificate_sha256:
            return self.unchecked
        return self._of_authorities(server.ca_pem) if server.ca_pem else self._usual

    def _made(self, ca_pem: str) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._extra_ca_file is not None:
            context.load_verify_locations(cafile=self._extra_ca_file)
        context.load_verify_locations(cadata=ca_pem)
        return context


def check(server: Server, shown: ssl.SSLObject | None) -> None:
    """Refuse any other certificate than the one that the account trusts, if it names one.

    Raises:
        OtherCertificate: nothing may be sent to this server.
    """
    if not server.certificate_sha256:
        return
    wanted = server.certificate_sha256.replace(":", "").lower()
    der = shown.getpeercert(binary_form=True) if shown else None
    if der is None or sha256(der).hexdigest() != wanted:
        raise OtherCertificate("another certificate than the one that is trusted")


def _unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
