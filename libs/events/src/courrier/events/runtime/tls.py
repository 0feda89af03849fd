"""TLS as mail servers need it: 1.2 or newer, names and dates checked, always.

An account may add an authority of its own, or trust one certificate and no other: that is how a
self-signed server is used, and it is checked as strictly as any (RFC 7817, RFC 8314 section 4).
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
        self._any = unchecked()

    def of(self, server: Server) -> ssl.SSLContext:
        """Return the context for a server.

        Raises:
            ssl.SSLError: its ``ca_pem`` holds no certificate.
        """
        if server.certificate_sha256:
            return self._any
        return self._of_authorities(server.ca_pem) if server.ca_pem else self._usual

    def _made(self, ca_pem: str) -> ssl.SSLContext:
        context = client_context(self._extra_ca_file)
        context.load_verify_locations(cadata=ca_pem)
        return context


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


def check_certificate(server: Server, shown: ssl.SSLObject | ssl.SSLSocket | None) -> None:
    """Refuse any other certificate than the one that the account trusts, if it names one.

    Raises:
        OtherCertificate: nothing may be sent to this server.
    """
    if not server.certificate_sha256:
        return
    wanted = server.certificate_sha256.replace(":", "").lower()
    if shown is None or fingerprint(shown) != wanted:
        raise OtherCertificate("another certificate than the one that is trusted")


def fingerprint(shown: ssl.SSLObject | ssl.SSLSocket) -> str:
    """Return the hex SHA-256 of the certificate that a server shows; empty without one."""
    der = shown.getpeercert(binary_form=True)
    return sha256(der).hexdigest() if der else ""


def unchecked() -> ssl.SSLContext:
    """Return a context that checks nothing: before a word is said, ``check_certificate`` must."""
    context = client_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
