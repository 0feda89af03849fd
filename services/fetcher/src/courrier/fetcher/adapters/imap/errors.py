"""From what went wrong on the wire to a problem that a person understands."""

import errno
import re
import socket
import ssl

from courrier.events.families.settings import Server
from courrier.events.runtime.tls import OtherCertificate
from courrier.fetcher.adapters.imap.answers import Goodbye, Refusal
from courrier.fetcher.adapters.imap.wire import Hostile
from courrier.fetcher.domain.failures import CannotFetch, trouble
from courrier.fetcher.domain.log_in_answers import says_wait

FAILURES = (OSError, Hostile, Refusal)
"""What talking to a server can end with; ``OSError`` holds time-outs, TLS and name errors."""

_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})
_VERIFY = {
    9: "tls-not-yet-valid",
    10: "tls-expired",
    18: "tls-self-signed",
    19: "tls-unknown-issuer",
    20: "tls-unknown-issuer",
    21: "tls-unknown-issuer",
    62: "tls-name-mismatch",
    64: "tls-name-mismatch",
}
"""OpenSSL's X509_V_ERR numbers."""


def failure(error: Exception, server: Server) -> CannotFetch:
    """Return the failure that people see.

    The order matters: time-outs, TLS and name errors are ``OSError``, too.
    """
    at: dict[str, str | int] = {"host": server.host, "port": server.port}
    if isinstance(error, CannotFetch):
        return error
    match error:
        case ssl.SSLError():
            return _tls(error, at)
        case socket.gaierror():
            return trouble("name-not-found", **at)
        case OSError():
            return _unreachable(error, at)
        case Refusal():
            return _declined("server-error", error.answer.shown, at)
        case _:
            return trouble("hostile", detail=str(error), **at)


def _declined(usual: str, said: str, at: dict[str, str | int]) -> CannotFetch:
    """Return what a NO or a BYE means: Exchange and Google ask for patience in its words."""
    problem, wait_s = says_wait(said) or (usual, None)
    return trouble(problem, wait_s, answer=said, **at)


def _tls(error: ssl.SSLError, at: dict[str, str | int]) -> CannotFetch:
    if isinstance(error, OtherCertificate):
        return trouble("tls-certificate-changed", **at)
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = _VERIFY.get(error.verify_code, "tls-untrusted")
        names = re.search(r"not valid for '([^']*)'", error.verify_message)
        detail = names[1] if names else error.verify_message
        return trouble(problem, detail=detail, **at)
    if error.reason in _NOT_TLS:
        return trouble("tls-not-spoken", **at)
    return trouble("tls-failed", detail=error.reason or str(error), **at)


def _unreachable(error: OSError, at: dict[str, str | int]) -> CannotFetch:
    """Several addresses of one name give one ``OSError`` without a number: its text tells."""
    if isinstance(error, Goodbye):
        return _declined("said-goodbye", error.said, at)
    if isinstance(error, TimeoutError) or "SSL handshake is taking longer" in str(error):
        return trouble("timed-out", **at)
    if error.errno == errno.ECONNREFUSED or f"[Errno {errno.ECONNREFUSED}]" in str(error):
        return trouble("refused", **at)
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return trouble("unreachable", **at)
    return trouble("disconnected", detail=str(error), **at)
