"""What went wrong with an SMTP server, in words a person can act on.

Text from a server is hostile: one line, without control characters, of bounded length.
"""

import ipaddress
import re
import socket
import ssl

import aiosmtplib

from courrier.events.families.settings import Server
from courrier.events.runtime.tls import OtherCertificate

WORDS_CHARS = 300
WRAPPINGS = (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPServerDisconnected)

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class NoEncryption(aiosmtplib.SMTPException):
    """The server cannot encrypt, and what is asked for must not be sent in clear."""


class NoLogin(aiosmtplib.SMTPException):
    """The server offers no way to log in that we know."""


class LogInRefused(aiosmtplib.SMTPException):
    """The server does not want this user and secret; ``message`` has its words."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


class Stopped(aiosmtplib.SMTPException):
    """The sender is stopping: the dialogue was ended from our side."""


def server_words(text: str) -> str:
    """Return what the server said, fit for an event."""
    clean = text.encode("utf-8", "replace").decode()
    return _CONTROLS.sub(" ", clean).strip()[:WORDS_CHARS]


def trouble_words(error: BaseException, server: Server) -> str:
    """Return what happened, to which server, and what to do where a person can do something."""
    where = f"{server.host}:{server.port}"
    cause = _root(error)
    if isinstance(cause, NoEncryption | NoLogin | Stopped):
        return f"{where}: {cause.message}"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"{where}: its certificate is not valid ({server_words(cause.verify_message)}). "
            "Check the server's name; nothing was sent."
        )
    if isinstance(cause, OtherCertificate):
        return (
            f"{where}: it shows another certificate than the one that is trusted, and nothing was "
            "sent. Look at it in the account's settings, and trust it if it is right."
        )
    if isinstance(cause, ssl.SSLError):
        return f"{where}: no TLS could be agreed on. Check port and encryption in the settings."
    if isinstance(cause, aiosmtplib.SMTPResponseException):
        return f"{where} answered: {cause.code} {server_words(cause.message)}"
    return f"{where}: {_connection_words(cause)}"


def _connection_words(cause: BaseException) -> str:
    if isinstance(cause, socket.gaierror):
        return "no server of this name is known. Check the host in the settings."
    if isinstance(cause, ConnectionRefusedError):
        return "nobody answers on this port. Check host and port, or whether the server runs."
    if isinstance(cause, TimeoutError):
        return "it did not answer in time."
    if isinstance(cause, OSError) and cause.strerror:
        return f"the connection failed ({server_words(cause.strerror)})."
    return "the connection was lost."


def _root(error: BaseException) -> BaseException:
    """Return the innermost cause that says more than the library's wrapping of it."""
    while isinstance(error, WRAPPINGS) and isinstance(error.__cause__, (OSError, *WRAPPINGS)):
        error = error.__cause__
    return error


def is_loopback(host: str) -> bool:
    """Tell whether a server is on this machine: what is said to it is heard by nobody else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
