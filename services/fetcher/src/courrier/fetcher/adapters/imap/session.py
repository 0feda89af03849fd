"""From nothing to a logged-in connection: connect, TLS, STARTTLS, log-in.

STARTTLS is never stripped: a server that does not offer it, greets with PREAUTH or slips bytes in
before the handshake is left before any secret is sent (RFC 9051 sections 6.2.1, 11.1; RFC 8314).
"""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aioimaplib.aioimaplib import AUTH, NONAUTH

from courrier.events.families.settings import Server
from courrier.events.runtime.tls import check_certificate
from courrier.fetcher.adapters.imap.answers import Answer, Goodbye, Lost, Refusal, shown
from courrier.fetcher.adapters.imap.arguments import SMALL_LITERAL
from courrier.fetcher.adapters.imap.grammar import code
from courrier.fetcher.adapters.imap.protocol import ImapProtocol
from courrier.fetcher.adapters.imap.sasl import authenticate
from courrier.fetcher.adapters.imap.wire import LITERAL_LIMIT
from courrier.fetcher.domain.failures import trouble
from courrier.fetcher.domain.log_in_answers import log_in_failure, tried

CONNECT_TIMEOUT_S = 8.0
HANDSHAKE_TIMEOUT_S = 7.0
LOG_IN_TIMEOUT_S = 30.0
SECOND_ADDRESS_AFTER_S = 0.25

Capabilities = frozenset[str]
AddressRule = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Way:
    """How to get to a server: TLS context, addresses to go to only, seconds to its greeting."""

    context: ssl.SSLContext
    may_be_at: AddressRule = lambda _: True
    within_s: float = CONNECT_TIMEOUT_S


async def connect(server: Server, way: Way) -> ImapProtocol:
    """Return a connection that is as private as ``server.tls`` asks, not logged in."""
    loop = asyncio.get_running_loop()
    protocol = ImapProtocol(loop)
    try:
        async with asyncio.timeout(way.within_s):
            await _check_addresses(loop, server, way)
            with _handshake(server):
                await _reach(loop, protocol, server, way)
            await _greet(protocol, server)
            if server.tls == "starttls":
                await _start_tls(loop, protocol, server, way)
    except BaseException:
        protocol.abort()
        raise
    return protocol


async def log_in(protocol: ImapProtocol, server: Server, secret: str) -> Capabilities:
    """Log in and return what the server can do now.

    Raises:
        CannotFetch: the log-in was refused.
    """
    async with asyncio.timeout(LOG_IN_TIMEOUT_S):
        told: Capabilities = frozenset()
        if protocol.state == NONAUTH:
            offered = await capabilities(protocol, _of_greeting(protocol, server))
            answer = await authenticate(protocol, offered, server, secret)
            if answer.status != "OK":
                how = tried(server.host, secret, by_oauth=server.oauth is not None)
                status, said = answer.status, answer.code.decode("ascii", "replace")
                raise log_in_failure(how, status, said, answer.shown)
            protocol.enter(AUTH)
            told = _of_answer(answer) or offered
        can = await capabilities(protocol, told)
    protocol.free_literal = _free_literal(can)
    return can


async def capabilities(protocol: ImapProtocol, told: Capabilities = frozenset()) -> Capabilities:
    """Ask what the server can do, in upper case; it differs before and after log-in.

    ``told`` is what it said without being asked; iCloud says it in no other way.
    """
    answer = await protocol.ask("CAPABILITY")
    return _of_answer(answer) or told


def _of_answer(answer: Answer) -> Capabilities:
    """Return what untagged CAPABILITY responses tell, or else the code of the answer."""
    lines = [one.head[2:].decode("ascii", "replace").upper().split() for one in answer.untagged]
    found = frozenset(word for line in lines if line[:1] == ["CAPABILITY"] for word in line[1:])
    return found or _of_code(answer.text)


def _of_code(text: bytes) -> Capabilities:
    name, argument = code(text)
    if name != b"CAPABILITY":
        return frozenset()
    return frozenset(argument.decode("ascii", "replace").upper().split())


def _of_greeting(protocol: ImapProtocol, server: Server) -> Capabilities:
    """Return what the greeting told; before STARTTLS anybody may have told it."""
    if server.tls == "starttls":
        return frozenset()
    return _of_code(protocol.greeting.result().head)


def _free_literal(can: Capabilities) -> int:
    """Return up to how many bytes a literal needs no permission (RFC 7888)."""
    if "LITERAL+" in can:
        return LITERAL_LIMIT
    return SMALL_LITERAL if {"LITERAL-", "IMAP4REV2"} & can else -1


async def _check_addresses(loop: asyncio.AbstractEventLoop, server: Server, way: Way) -> None:
    found = await loop.getaddrinfo(server.host, server.port)
    if not all(way.may_be_at(str(address[0])) for *_, address in found):
        raise trouble("address-not-allowed", host=server.host)


async def _reach(
    loop: asyncio.AbstractEventLoop, protocol: ImapProtocol, server: Server, way: Way
) -> None:
    """Connect; the name is looked up once more here, so where we came to is checked, too."""
    is_implicit = server.tls == "implicit"
    transport, _ = await loop.create_connection(
        lambda: protocol,
        server.host,
        server.port,
        ssl=way.context if is_implicit else None,
        ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S if is_implicit else None,
        happy_eyeballs_delay=SECOND_ADDRESS_AFTER_S,
    )
    if not way.may_be_at(str(transport.get_extra_info("peername")[0])):
        raise trouble("address-not-allowed", host=server.host)
    if is_implicit:
        check_certificate(server, transport.get_extra_info("ssl_object"))


@contextmanager
def _handshake(server: Server) -> Iterator[None]:
    """Servers that refuse our TLS often close the line without a word."""
    try:
        yield
    except ConnectionResetError as error:
        if server.tls == "none":
            raise
        closed = "closed in the handshake"
        raise trouble("tls-failed", detail=closed, host=server.host, port=server.port) from error


async def _greet(protocol: ImapProtocol, server: Server) -> None:
    head = (await protocol.greeting).head
    word = head[2:].split(b" ", 1)[0].upper()
    if not head.startswith(b"* ") or word not in (b"OK", b"PREAUTH", b"BYE"):
        raise trouble("not-imap", host=server.host, port=server.port)
    if word == b"BYE":
        raise Goodbye(shown(head[6:]))
    protocol.enter(AUTH if word == b"PREAUTH" else NONAUTH)


async def _start_tls(
    loop: asyncio.AbstractEventLoop, protocol: ImapProtocol, server: Server, way: Way
) -> None:
    if protocol.state != NONAUTH or "STARTTLS" not in await capabilities(protocol):
        raise trouble("starttls-missing", host=server.host)
    answer = await protocol.ask("STARTTLS")
    if answer.status != "OK":
        raise Refusal(answer)
    if not protocol.is_quiet:
        raise trouble("tls-injected", host=server.host)
    if protocol.transport is None:
        raise Lost("the server closed the connection")
    with _handshake(server):
        protocol.transport = await loop.start_tls(
            protocol.transport,
            protocol,
            way.context,
            server_hostname=server.host,
            ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S,
        )
    if protocol.transport is None:
        raise Lost("the server closed the connection")
    check_certificate(server, protocol.transport.get_extra_info("ssl_object"))
