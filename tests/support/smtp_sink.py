"""An SMTP server that takes everything, remembers it, and misbehaves exactly as it is told.

``sink.answer("RCPT", "550 5.1.1 unknown", recipient="x@example.test")`` or
``sink.answer("DATA", DROP, times=1)``. It runs beside the test's loop and answers whatever the
test is doing.
"""

import asyncio
import base64
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from courrier.local.ports import HOST, free_port
from support.certificates import Certificates
from support.loop_thread import LoopThread
from support.smtp_script import Answer, Misdeed, Rule, Verb

Tls = Literal["implicit", "starttls", "none"]

DROP, STALL = Misdeed.DROP, Misdeed.STALL
USER, PASSWORD = "sender@example.test", "smtp-password"
SIZE_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SmtpMessage:
    """A message up to and including its final dot, and what we said to it.

    ``answer`` is our reply, or the misdeed in its place. ``user`` logged in, if anybody did.
    """

    mail_from: str
    recipients: tuple[str, ...]
    content: bytes
    answer: Answer
    user: str | None
    is_encrypted: bool

    @property
    def is_accepted(self) -> bool:
        """Whether the client was told that we have it."""
        return isinstance(self.answer, str) and self.answer.startswith("2")


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkOptions:
    """What the server offers and demands; any other log-in than USER, PASSWORD is refused.

    With ``access_token`` it also takes that by XOAUTH2, and refuses others as Google does.
    """

    tls: Tls = "starttls"
    requires_login: bool = False
    requires_starttls: bool = False
    offers_smtputf8: bool = True
    access_token: str | None = None
    size_limit: int = SIZE_LIMIT


@dataclass(slots=True)
class SmtpSink:
    """A running server; ``messages`` and ``commands`` grow while clients talk to it.

    ``commands`` has one line each: ``RCPT a@example.test -> 250 OK``.
    """

    port: int
    ca_file: Path
    options: SinkOptions
    host: str = HOST
    user: str = USER
    password: str = PASSWORD
    messages: list[SmtpMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    _rules: list[Rule] = field(default_factory=list)

    @property
    def accepted(self) -> list[SmtpMessage]:
        """The messages whose clients were told that we have them."""
        return [message for message in self.messages if message.is_accepted]

    def answer(
        self, verb: Verb, answer: Answer, *, recipient: str | None = None, times: int | None = None
    ) -> None:
        """From now on answer ``verb`` so; of several rules that fit, the first one wins.

        ``recipient`` is for RCPT. An answer to DATA is the one after the final dot. ``times``
        None means always.
        """
        self._rules.append(Rule(verb, answer, recipient, times))

    def behave(self) -> None:
        """Forget all rules: be a good server from now on."""
        self._rules.clear()

    def decide(self, verb: Verb, about: str, usual: str) -> Answer:
        """Return the answer to this command, ``usual`` unless a rule fits, and note it."""
        rule = next((rule for rule in self._rules if rule.fits(verb, about)), None)
        answer = rule.use() if rule else usual
        self.commands.append(f"{verb} {about} -> {answer}")
        return answer


@contextmanager
def start_sink(
    certificates: Certificates, options: SinkOptions | None = None, port: int = 0
) -> Iterator[SmtpSink]:
    """Run a server until the block ends; ``port`` 0 picks a free one."""
    sink = SmtpSink(port or free_port(), certificates.ca_file, options or SinkOptions())
    context = certificates.server_context()
    with LoopThread() as thread:

        async def listen() -> asyncio.Server:
            outer = context if sink.options.tls == "implicit" else None
            return await thread.loop.create_server(
                lambda: _protocol(sink, context, thread.loop), sink.host, sink.port, ssl=outer
            )

        server = thread.run(listen())
        try:
            yield sink
        finally:
            thread.loop.call_soon_threadsafe(server.close)


def _protocol(sink: SmtpSink, context: ssl.SSLContext, loop: asyncio.AbstractEventLoop) -> SMTP:
    options = sink.options
    return SMTP(
        _Handler(sink) if options.access_token is None else _TokenHandler(sink),
        hostname="sink.example.test",
        loop=loop,
        data_size_limit=options.size_limit,
        enable_SMTPUTF8=options.offers_smtputf8,
        tls_context=context if options.tls == "starttls" else None,
        require_starttls=options.requires_starttls,
        auth_required=options.requires_login,
        auth_require_tls=options.tls == "starttls",
        authenticator=_authenticate,
    )


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: object
) -> AuthResult:
    is_right = login == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False, auth_data=login)


@dataclass
class _Handler:
    """What aiosmtpd calls for each verb; the names are its own.

    Without slots: aiosmtpd looks at all members, at which Python 3.11.2 of Debian 12 fails.
    """

    sink: SmtpSink

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, _: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        said = await _carry_out(server, self.sink.decide("EHLO", hostname, "250"))
        session.host_name = hostname
        return replies if said == "250" else [said]

    async def handle_AUTH(  # noqa: N802
        self, server: SMTP, _session: Session, _envelope: Envelope, words: list[str]
    ) -> Any:
        said = await _carry_out(server, self.sink.decide("AUTH", words[0], "235"))
        return MISSING if said == "235" else said

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = await _carry_out(server, self.sink.decide("MAIL", address, "250 OK"))
        if said.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return said

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = await _carry_out(server, self.sink.decide("RCPT", address, "250 OK"))
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return said

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        number = len(self.sink.messages) + 1
        answer = self.sink.decide("DATA", envelope.mail_from or "", f"250 OK number {number}")
        login = session.auth_data
        message = SmtpMessage(
            mail_from=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            content=bytes(envelope.original_content or b""),
            answer=answer,
            user=login.login.decode() if isinstance(login, LoginPassword) else None,
            is_encrypted=bool(session.ssl) or self.sink.options.tls == "implicit",
        )
        self.sink.messages.append(message)
        return await _carry_out(server, answer)


class _TokenHandler(_Handler):
    """Takes a token as well (SASL XOAUTH2)."""

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        said = base64.b64decode(args[1]).decode()
        self.sink.tokens.append(said)
        if said == f"user={USER}\1auth=Bearer {self.sink.options.access_token}\1\1":
            login = LoginPassword(USER.encode(), b"")
            return AuthResult(success=True, auth_data=login)
        answer = b'{"status":"400","schemes":"Bearer","scope":"https://mail.example.test/"}'
        await server.push("334 " + base64.b64encode(answer).decode())
        await server._reader.readline()
        await server.push("535 5.7.8 Username and Password not accepted.")
        return AuthResult(success=False, handled=True)


async def _carry_out(server: SMTP, answer: Answer) -> str:
    """Return the reply; a misdeed never returns: the end of the line cancels this task."""
    if isinstance(answer, str):
        return answer
    if answer is DROP and isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    await asyncio.Event().wait()
    raise AssertionError("nobody sets this event")
