"""From nothing to a logged-in connection: connect, TLS, STARTTLS, log-in.

STARTTLS is never stripped: a server that does not offer it, greets with PREAUTH or slips bytes in
before the handshake is left before any secret is sent (RFC 9051 sections 6.2.1, 11.1; RFC 8314).
"""

import asyncio
import base64
import ssl

from aioimaplib.aioimaplib import AUTH, NONAUTH, quoted

from courrier.events.families.settings import Server
from courrier.fetcher.adapters.imap.answers import Answer, Lost, Refusal, shown
from courrier.fetcher.adapters.imap.arguments import SMALL_LITERAL
from courrier.fetcher.adapters.imap.errors import log_in_failure
from courrier.fetcher.adapters.imap.protocol import ImapProtocol
from courrier.fetcher.adapters.imap.wire import LITERAL_LIMIT
from courrier.fetcher.domain.failures import CannotFetch

CONNECT_TIMEOUT_S = 8.0
HANDSHAKE_TIMEOUT_S = 7.0
LOG_IN_TIMEOUT_S = 30.0
SECOND_ADDRESS_AFTER_S = 0.25

Capabilities = frozenset[str]


async def connect(server: Server, context: ssl.SSLContext) -> ImapProtocol:
    """Return a connection that is as private as ``server.tls`` asks, not logged in."""
    loop = asyncio.get_running_loop()
    protocol = ImapProtocol(loop)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await _reach(loop, protocol, server, context)
            await _greet(protocol, server)
            if server.tls == "starttls":
                await _start_tls(loop, protocol, server, context)
    except BaseException:
        protocol.abort()
        raise
    return protocol


async def log_in(protocol: ImapProtocol, server: Server, password: str) -> Capabilities:
    """Log in and return what the server can do now.

    Raises:
        CannotFetch: the log-in was refused.
    """
    async with asyncio.timeout(LOG_IN_TIMEOUT_S):
        if protocol.state == NONAUTH:
            offered = await capabilities(protocol)
            answer = await _authenticate(protocol, offered, server.user or "", password)
            if answer.status != "OK":
                raise log_in_failure(answer, server)
            protocol.enter(AUTH)
        can = await capabilities(protocol)
    protocol.free_literal = _free_literal(can)
    return can


def _free_literal(can: Capabilities) -> int:
    """Return up to how many bytes a literal needs no permission (RFC 7888)."""
    if "LITERAL+" in can:
        return LITERAL_LIMIT
    return SMALL_LITERAL if {"LITERAL-", "IMAP4REV2"} & can else -1


async def capabilities(protocol: ImapProtocol) -> Capabilities:
    """Ask what the server can do, in upper case; it differs before and after log-in."""
    answer = await protocol.ask("CAPABILITY")
    lines = (one.head[2:].decode("ascii", "replace").upper().split() for one in answer.untagged)
    return frozenset(word for line in lines if line[:1] == ["CAPABILITY"] for word in line[1:])


async def _reach(
    loop: asyncio.AbstractEventLoop,
    protocol: ImapProtocol,
    server: Server,
    context: ssl.SSLContext,
) -> None:
    if server.tls == "implicit":
        await loop.create_connection(
            lambda: protocol,
            server.host,
            server.port,
            ssl=context,
            ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S,
            happy_eyeballs_delay=SECOND_ADDRESS_AFTER_S,
        )
    else:
        await loop.create_connection(
            lambda: protocol,
            server.host,
            server.port,
            happy_eyeballs_delay=SECOND_ADDRESS_AFTER_S,
        )


async def _greet(protocol: ImapProtocol, server: Server) -> None:
    head = (await protocol.greeting).head
    word = head[2:].split(b" ", 1)[0].upper()
    if not head.startswith(b"* ") or word not in (b"OK", b"PREAUTH", b"BYE"):
        raise CannotFetch(
            "server-error",
            f"{server.host}:{server.port} is no IMAP server: it greets with {shown(head)!r}.",
        )
    if word == b"BYE":
        raise Lost(f"the server said goodbye: {shown(head[6:])}")
    protocol.enter(AUTH if word == b"PREAUTH" else NONAUTH)


async def _start_tls(
    loop: asyncio.AbstractEventLoop,
    protocol: ImapProtocol,
    server: Server,
    context: ssl.SSLContext,
) -> None:
    if protocol.state != NONAUTH or "STARTTLS" not in await capabilities(protocol):
        raise CannotFetch(
            "tls",
            f"{server.host} does not offer STARTTLS, so no password was sent. Try TLS at once "
            "(port 993); if it always offered it, somebody may be listening.",
        )
    answer = await protocol.ask("STARTTLS")
    if answer.status != "OK":
        raise Refusal(answer)
    if not protocol.is_quiet:
        raise CannotFetch("tls", f"{server.host} sent bytes before the TLS handshake was done.")
    if protocol.transport is None:
        raise Lost("the server closed the connection")
    protocol.transport = await loop.start_tls(
        protocol.transport,
        protocol,
        context,
        server_hostname=server.host,
        ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S,
    )


async def _authenticate(
    protocol: ImapProtocol, offered: Capabilities, user: str, password: str
) -> Answer:
    """LOGIN where a quoted string can hold both; otherwise SASL PLAIN (RFC 4616), in UTF-8."""
    if "LOGINDISABLED" not in offered and _fits_quotes(user) and _fits_quotes(password):
        return await protocol.ask("LOGIN", quoted(user), quoted(password))
    if await protocol.prompt("AUTHENTICATE", "PLAIN"):
        secret = f"\0{user}\0{password}".encode()
        protocol.say(base64.b64encode(secret).decode())
    return await protocol.finish()


def _fits_quotes(text: str) -> bool:
    return text.isascii() and text.isprintable()
