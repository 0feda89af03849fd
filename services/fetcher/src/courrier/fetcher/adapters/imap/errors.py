"""From what went wrong on the wire to a reason and a text that a person understands."""

import errno
import socket
import ssl

from courrier.events.families.settings import Server
from courrier.fetcher.adapters.imap.answers import Answer, Refusal
from courrier.fetcher.adapters.imap.wire import Hostile
from courrier.fetcher.domain.failures import CannotFetch

FAILURES = (OSError, Hostile, Refusal)
"""What talking to a server can end with; ``OSError`` holds time-outs, TLS and name errors."""

_BUSY = frozenset({b"UNAVAILABLE", b"INUSE", b"LIMIT", b"SERVERBUG", b"CONTACTADMIN"})


def failure(error: Exception, server: Server) -> CannotFetch:
    """Return the failure that people see.

    The order matters: time-outs, TLS and name errors are ``OSError``, too.
    """
    match error:
        case CannotFetch():
            return error
        case ssl.SSLError():
            return _tls(error, server)
        case socket.gaierror():
            return CannotFetch(
                "name-not-found",
                f"No server named {server.host} can be found. Check the spelling of the host.",
            )
        case OSError():
            return _unreachable(error, f"{server.host}:{server.port}")
        case _:
            return _protocol(error, f"{server.host}:{server.port}")


def log_in_failure(answer: Answer, server: Server) -> CannotFetch:
    """Return why a log-in was refused."""
    if answer.status == "BAD" or answer.code in _BUSY:
        return CannotFetch("server-error", f"{server.host} could not log us in now: {answer.shown}")
    return CannotFetch(
        "log-in-refused",
        f"{server.host} refused the log-in: {answer.shown.rstrip('.') or 'no reason given'}. "
        "Check user and password; some providers want an app password.",
    )


def _tls(error: ssl.SSLError, server: Server) -> CannotFetch:
    if isinstance(error, ssl.SSLCertVerificationError):
        return CannotFetch(
            "tls",
            f"The certificate of {server.host} cannot be trusted: {error.verify_message}. Correct "
            "the host name, or add the server's authority to COURRIER_EXTRA_CA_FILE.",
        )
    return CannotFetch(
        "tls",
        f"No TLS connection to {server.host}:{server.port} ({error.reason or error}). Check the "
        "port and whether it wants TLS at once or STARTTLS.",
    )


def _unreachable(error: OSError, place: str) -> CannotFetch:
    """Several addresses of one name give one ``OSError`` without a number: its text tells."""
    if isinstance(error, TimeoutError):
        return CannotFetch(
            "timed-out", f"{place} did not answer in time. Check host, port and TLS mode."
        )
    if error.errno == errno.ECONNREFUSED or f"[Errno {errno.ECONNREFUSED}]" in str(error):
        return CannotFetch("refused", f"{place} refuses connections. Check the port.")
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return CannotFetch("timed-out", f"{place} cannot be reached from here.")
    return CannotFetch("disconnected", f"The connection to {place} was lost: {error}.")


def _protocol(error: Exception, place: str) -> CannotFetch:
    if isinstance(error, Refusal):
        return CannotFetch("server-error", f"{place} refused a command: {error.answer.shown}")
    return CannotFetch("server-error", f"{place} sent what no mail server should: {error}.")
