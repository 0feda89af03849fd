"""A session with an SMTP server: connected, encrypted, logged in, and what the server offers.

aiosmtplib opens it; then the connection is taken over (``smtp_line.py``), because transactions are
spoken command by command, several at once, and outlive one message.
"""

import asyncio
import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import aiosmtplib

from courrier.events.families.settings import Server
from courrier.events.runtime.tls import Contexts, check_certificate
from courrier.sender.adapters.smtp_line import Line
from courrier.sender.adapters.smtp_words import (
    LogInRefused,
    NoEncryption,
    NoLogin,
    is_loopback,
    server_words,
)
from courrier.sender.ports import Letter


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds to wait for the server (RFC 5321 section 4.5.3.2).

    ``reply_s`` holds for greeting, EHLO, AUTH, MAIL and RCPT, ``data_s`` for the answer to DATA,
    ``block_s`` for handing over each block, ``final_s`` for the answer to the final dot.
    """

    reply_s: float = 300.0
    data_s: float = 120.0
    block_s: float = 180.0
    final_s: float = 600.0


@dataclass(slots=True)
class Session:
    """``offers`` are the server's extensions, lower case, with their parameters.

    ``uses`` counts the messages it was used for.
    """

    line: Line
    offers: Mapping[str, str]
    uses: int = 0

    @property
    def size_limit(self) -> int:
        """Return the most bytes of a message that the server takes; 0: it does not say."""
        limit = self.offers.get("size", "").strip()
        return int(limit) if limit.isdecimal() else 0


class Opener:
    """Opens sessions; ``hello`` is our name in EHLO."""

    def __init__(self, contexts: Contexts, hello: str, limits: TimeLimits) -> None:
        self._contexts = contexts
        self._hello = hello
        self._limits = limits

    async def open(self, letter: Letter) -> Session:
        """Connect and log in.

        Raises:
            LogInRefused: the server does not want this user and secret.
            OSError, TimeoutError, aiosmtplib.SMTPException: what went wrong instead.
        """
        server = letter.server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls == "implicit",
            start_tls=False,
            tls_context=self._contexts.of(server),
            timeout=self._limits.reply_s,
            local_hostname=self._hello,
        )
        try:
            return await self._opened(client, server, letter.secret)
        except BaseException:
            client.close()
            raise

    async def _opened(self, client: aiosmtplib.SMTP, server: Server, secret: str | None) -> Session:
        await client.connect()
        if server.tls == "implicit":
            check_certificate(server, _shown(client))
        await _greet(client)
        if server.tls == "starttls":
            await _encrypt(client, server)
        if server.user is not None and secret is not None:
            await _log_in(client, server, server.user, secret)
        transport = client.transport
        if not isinstance(transport, asyncio.Transport):
            raise aiosmtplib.SMTPServerDisconnected("the connection is lost")
        return Session(Line(transport), dict(client.esmtp_extensions))


async def _greet(client: aiosmtplib.SMTP) -> None:
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        await client.helo()  # RFC 5321 section 4.1.1.1: an old server knows HELO only


async def _encrypt(client: aiosmtplib.SMTP, server: Server) -> None:
    if not client.supports_extension("starttls"):
        raise NoEncryption(
            "it offers no encryption (STARTTLS), and nothing is sent without. "
            "Check port and encryption in the settings."
        )
    await client.starttls()
    check_certificate(server, _shown(client))
    await _greet(client)  # RFC 3207 section 4.2: what was offered before counts no more


def _shown(client: aiosmtplib.SMTP) -> ssl.SSLObject | None:
    return client.transport.get_extra_info("ssl_object") if client.transport else None


async def _log_in(client: aiosmtplib.SMTP, server: Server, user: str, secret: str) -> None:
    if server.tls == "none" and not is_loopback(server.host):
        raise NoEncryption(
            "no password is sent without encryption. Choose TLS or STARTTLS in the settings."
        )
    offered = set(client.server_auth_methods)
    try:
        if server.oauth:
            await _by_token(client, server, user, secret, offered)
        elif "plain" in offered:
            await client.auth_plain(user, secret)
        elif "login" in offered:
            await client.auth_login(user, secret)
        elif offered & {"xoauth2", "oauthbearer"}:
            raise NoLogin("it takes no passwords any more. Sign in with the provider instead.")
        else:
            raise NoLogin("it offers no log-in by password. Check port and encryption.")
    except aiosmtplib.SMTPAuthenticationError as error:
        raise LogInRefused(error.code, server_words(error.message)) from error


async def _by_token(
    client: aiosmtplib.SMTP, server: Server, user: str, token: str, offered: set[str]
) -> None:
    """XOAUTH2, or RFC 7628 where only that is offered. The challenge of a refusal is answered."""
    if "oauthbearer" in offered and "xoauth2" not in offered:
        gs2 = user.replace("=", "=3D").replace(",", "=2C")
        where = f"host={server.host}\1port={server.port}"
        first = f"n,a={gs2},\1{where}\1auth=Bearer {token}\1\1"
        encoded = base64.b64encode(first.encode())
        reply = await client.execute_command(b"AUTH", b"OAUTHBEARER", encoded)
        if reply.code == 334:
            reply = await client.execute_command(base64.b64encode(b"\1"))
        if reply.code != 235:
            raise aiosmtplib.SMTPAuthenticationError(reply.code, reply.message)
        return
    if "xoauth2" not in offered:
        raise NoLogin("it offers no log-in by sign-in with a provider (XOAUTH2).")
    await client.auth_xoauth2(user, token)
