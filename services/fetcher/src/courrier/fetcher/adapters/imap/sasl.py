"""Log in: LOGIN, and SASL by PLAIN, LOGIN, XOAUTH2 and OAUTHBEARER (RFC 4616, 7628, 4959).

What is used is what the server offers. A refused token is answered, so that the server's NO comes
at once; the challenge before it says why.
"""

import base64
from collections.abc import Sequence

from aioimaplib.aioimaplib import quoted

from courrier.events.families.settings import Server
from courrier.fetcher.adapters.imap.answers import Answer
from courrier.fetcher.adapters.imap.arguments import string
from courrier.fetcher.adapters.imap.protocol import ImapProtocol
from courrier.fetcher.domain.failures import trouble

QUOTED_PASSWORD = 200
"""Characters that any server takes in quotes."""
CHALLENGES = 5
"""No mechanism of ours has more than two; after these, the answer is waited for."""


async def authenticate(
    protocol: ImapProtocol, offered: frozenset[str], server: Server, secret: str
) -> Answer:
    """Log in with a password, or, for an account with ``oauth``, an access token.

    Raises:
        CannotFetch: the server offers no way that can be used.
    """
    user = server.user or ""
    if "\0" in user + secret:
        raise trouble("log-in-refused", host=server.host, answer="NUL is in no user or password")
    if server.oauth:
        return await _by_token(protocol, offered, server, secret)
    if "LOGINDISABLED" not in offered and _is_plain(user) and _is_plain(secret):
        return await protocol.ask("LOGIN", quoted(user), quoted(secret))
    if "AUTH=PLAIN" in offered:
        return await _sasl(protocol, offered, "PLAIN", [f"\0{user}\0{secret}".encode()])
    if "AUTH=LOGIN" in offered:
        return await _sasl(protocol, frozenset(), "LOGIN", [user.encode(), secret.encode()])
    if "LOGINDISABLED" in offered:
        problem = "password-needs-tls" if server.tls == "none" else "oauth-needed"
        raise trouble(problem, host=server.host, provider=server.host)
    return await protocol.ask("LOGIN", string(user), string(secret))


async def _by_token(
    protocol: ImapProtocol, offered: frozenset[str], server: Server, token: str
) -> Answer:
    user = server.user or ""
    if "AUTH=OAUTHBEARER" in offered and "AUTH=XOAUTH2" not in offered:
        gs2 = user.replace("=", "=3D").replace(",", "=2C")
        where = f"host={server.host}\1port={server.port}"
        first = f"n,a={gs2},\1{where}\1auth=Bearer {token}\1\1"
        return await _sasl(protocol, offered, "OAUTHBEARER", [first.encode()], b"\1")
    first = f"user={user}\1auth=Bearer {token}\1\1"
    return await _sasl(protocol, offered, "XOAUTH2", [first.encode()])


async def _sasl(
    protocol: ImapProtocol,
    offered: frozenset[str],
    mechanism: str,
    replies: Sequence[bytes],
    last: bytes = b"",
) -> Answer:
    """Answer each challenge in turn, any further one with ``last``."""
    waiting = [base64.b64encode(reply).decode() for reply in replies]
    arguments = [mechanism]
    if "SASL-IR" in offered:
        arguments.append(waiting.pop(0) or "=")
    is_asked = await protocol.prompt("AUTHENTICATE", *arguments)
    for _ in range(CHALLENGES):
        if not is_asked:
            break
        protocol.say(waiting.pop(0) if waiting else base64.b64encode(last).decode())
        is_asked = await protocol.challenge() is not None
    return await protocol.finish()


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and len(text) <= QUOTED_PASSWORD
