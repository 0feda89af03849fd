"""Try an outgoing server as an account would use it: what is wrong is known within nine seconds.

The server is asked whether it takes mail from the address, and to it; no message is sent.
"""

import asyncio
import errno
import re
import socket
import ssl
from contextlib import suppress
from hashlib import sha256

import aiosmtplib
from cryptography import x509

from courrier.events.commands.mailboxes import CertificateSeen, MailboxSeen
from courrier.events.families.settings import Server
from courrier.events.runtime.tls import Contexts, OtherCertificate, check_certificate
from courrier.sender.adapters.smtp_words import is_loopback, server_words
from courrier.sender.domain.log_in_answers import log_in_obstacle
from courrier.sender.domain.smtp_problems import Obstacle, fails, works

CONNECT_S = 5.0
LOOK_S = 2.0
WHOLE_S = 7.0
CAPABILITIES = 100

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
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})
_NOT_NOW = 4

Where = dict[str, str | int]


class SmtpInspection:
    """Tries servers; ``hello`` is our name in EHLO, ``reply_s`` how long a server may be silent."""

    def __init__(self, contexts: Contexts, hello: str, reply_s: float = CONNECT_S) -> None:
        self._contexts = contexts
        self._hello = hello
        self._reply_s = reply_s

    async def look(self, server: Server, secret: str | None, address: str) -> MailboxSeen:
        """Return what was found; whatever goes wrong on the way is part of it."""
        try:
            look = self._begun(server)
        except ssl.SSLError:
            detail = "ca_pem holds no certificate"
            return fails(
                Obstacle("tls-failed", host=server.host, port=server.port, detail=detail), ()
            )
        try:
            async with asyncio.timeout(WHOLE_S):
                await look.at(secret, address)
            return works(address, look.capabilities)
        except (Obstacle, OSError, ValueError, aiosmtplib.SMTPException) as error:
            obstacle = await self._explained(server, _obstacle(error, server))
            is_about_tls = obstacle.problem.startswith("tls-") and server.tls != "none"
            certificate = await self._certificate(server) if is_about_tls else None
            return fails(obstacle, look.capabilities, certificate)
        finally:
            look.end()

    def _begun(self, server: Server) -> "_Look":
        return _Look(server, self._contexts.of(server), self._hello, self._reply_s)

    async def _explained(self, server: Server, obstacle: Obstacle) -> Obstacle:
        """A server that says nothing in clear may speak TLS at once: look a second time."""
        if server.tls == "implicit" or obstacle.problem not in {"timed-out", "disconnected"}:
            return obstacle
        if await self._certificate(server.model_copy(update={"tls": "implicit"})) is None:
            return obstacle
        return Obstacle("tls-wanted", host=server.host, port=server.port)

    async def _certificate(self, server: Server) -> CertificateSeen | None:
        """Return the certificate that a server shows, whoever signed it; nothing is sent to it."""
        anybody = server.model_copy(update={"certificate_sha256": "00"})
        look = self._begun(anybody)
        with suppress(Obstacle, OSError, ValueError, aiosmtplib.SMTPException):
            async with asyncio.timeout(LOOK_S):
                await look.connect(is_checked=False)
        try:
            return _read(look.certificate)
        finally:
            look.end()


class _Look:
    def __init__(self, server: Server, context: ssl.SSLContext, hello: str, reply_s: float) -> None:
        self._server = server
        self._client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls == "implicit",
            start_tls=False,
            tls_context=context,
            timeout=reply_s,
            local_hostname=hello,
        )

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What the server offers, as far as we came."""
        offered = self._client.esmtp_extensions if self._client.last_ehlo_response else {}
        return tuple(sorted(name.upper() for name in offered)[:CAPABILITIES])

    @property
    def certificate(self) -> bytes | None:
        """The certificate that the server showed."""
        shown = self._shown()
        return shown.getpeercert(binary_form=True) if shown else None

    async def at(self, secret: str | None, address: str) -> None:
        """Do all that sending does but send."""
        await self.connect()
        if self._server.user is not None:
            await self._log_in(self._server.user, secret)
        await self._ask(b"MAIL", b"FROM:<" + address.encode() + b">", address)
        await self._ask(b"RCPT", b"TO:<" + address.encode() + b">", address)
        await self._client.execute_command(b"RSET")

    async def connect(self, *, is_checked: bool = True) -> None:
        """Connect, encrypt and say hello."""
        await self._client.connect()
        if self._server.tls == "implicit" and is_checked:
            check_certificate(self._server, self._shown())
        await self._hello()
        if self._server.tls == "starttls":
            if not self._client.supports_extension("starttls"):
                raise self._obstacle("starttls-missing")
            await self._client.starttls()
            if is_checked:
                check_certificate(self._server, self._shown())
            await self._hello()

    def end(self) -> None:
        """Hang up."""
        self._client.close()

    async def _hello(self) -> None:
        try:
            await self._client.ehlo()
        except aiosmtplib.SMTPHeloError:
            await self._client.helo()

    async def _log_in(self, user: str, secret: str | None) -> None:
        if secret is None:
            raise self._obstacle("password-missing")
        if self._server.tls == "none" and not is_loopback(self._server.host):
            raise self._obstacle("password-needs-tls")
        by_oauth = self._server.oauth is not None
        offered = self._client.server_auth_methods
        wanted = ("xoauth2",) if by_oauth else ("plain", "login")
        method = next((name for name in wanted if name in offered), None)
        if method is None:
            detail = ", ".join(offered).upper() or "-"
            raise self._obstacle("no-log-in", detail=server_words(detail))
        try:
            await getattr(self._client, f"auth_{method}")(user, secret)
        except aiosmtplib.SMTPAuthenticationError as error:
            said = server_words(error.message)
            host = self._server.host
            raise log_in_obstacle(host, error.code, said, by_oauth=by_oauth) from error

    async def _ask(self, verb: bytes, words: bytes, address: str) -> None:
        reply = await self._client.execute_command(verb, words)
        if reply.code // 100 == 2:
            return
        said = server_words(f"{reply.code} {reply.message}")
        if reply.code == 530:
            raise self._obstacle("log-in-needed", answer=said)
        if reply.code // 100 == _NOT_NOW:
            # A greylisted RCPT is no obstacle: the server lets us in and takes the address.
            if verb == b"MAIL":
                raise self._obstacle("throttled", answer=said)
            return
        if verb == b"MAIL" or reply.code in {550, 553, 554}:
            raise self._obstacle("sender-refused", answer=said, address=address)
        raise self._obstacle("server-error", answer=said)

    def _shown(self) -> ssl.SSLObject | None:
        transport = self._client.transport
        return transport.get_extra_info("ssl_object") if transport else None

    def _obstacle(self, problem: str, **facts: str) -> Obstacle:
        return Obstacle(problem, host=self._server.host, port=self._server.port, **facts)


def _obstacle(error: BaseException, server: Server) -> Obstacle:
    """Return what went wrong on the line as a problem that a person understands."""
    at: Where = {"host": server.host, "port": server.port}
    cause = _root(error)
    match cause:
        case Obstacle():
            return cause
        case ssl.SSLError():
            return _tls(cause, at)
        case socket.gaierror():
            return Obstacle("name-not-found", **at)
        case aiosmtplib.SMTPResponseException() | ValueError():
            return _answered(cause, at)
        case _:
            return _unreachable(cause, at)


def _answered(error: aiosmtplib.SMTPResponseException | ValueError, at: Where) -> Obstacle:
    if isinstance(error, ValueError) or error.code <= 0:
        return Obstacle("not-smtp", **at)
    is_greeting = isinstance(error, aiosmtplib.SMTPConnectResponseError | aiosmtplib.SMTPHeloError)
    problem = "turned-away" if is_greeting else "server-error"
    return Obstacle(problem, answer=server_words(f"{error.code} {error.message}"), **at)


def _tls(error: ssl.SSLError, at: Where) -> Obstacle:
    if isinstance(error, OtherCertificate):
        return Obstacle("tls-certificate-changed", **at)
    if isinstance(error, ssl.SSLCertVerificationError):
        names = re.search(r"not valid for '([^']*)'", error.verify_message)
        detail = names[1] if names else error.verify_message
        return Obstacle(_VERIFY.get(error.verify_code, "tls-untrusted"), detail=detail, **at)
    if error.reason in _NOT_TLS:
        return Obstacle("tls-not-spoken", **at)
    return Obstacle("tls-failed", detail=error.reason or "no answer", **at)


def _unreachable(error: BaseException, at: Where) -> Obstacle:
    if isinstance(error, TimeoutError):
        return Obstacle("timed-out", **at)
    if isinstance(error, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(error):
        return Obstacle("refused", **at)
    if isinstance(error, OSError) and error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH}:
        return Obstacle("unreachable", detail=server_words(error.strerror or ""), **at)
    return Obstacle("disconnected", **at)


def _root(error: BaseException) -> BaseException:
    """Return the innermost cause that says more than the library's wrapping of it."""
    while isinstance(error, aiosmtplib.SMTPException) and isinstance(error.__cause__, OSError):
        error = error.__cause__
    return error


def _read(der: bytes | None) -> CertificateSeen | None:
    if der is None:
        return None
    with suppress(ValueError):
        certificate = x509.load_der_x509_certificate(der)
        return CertificateSeen(
            sha256=sha256(der).hexdigest(),
            subject=certificate.subject.rfc4514_string()[:300],
            issuer=certificate.issuer.rfc4514_string()[:300],
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )
    return None
