"""One message to one SMTP server (RFC 5321), and the exact point up to which it went.

aiosmtplib connects, encrypts and logs in. The transaction is spoken here command by command, as
replies are values for us, one a recipient, and because only then is it known whether the final
dot was sent: before it the server cannot have the message (section 4.1.1.4), after it only its
answer tells.
"""

import asyncio
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import SMTPResponse

from courrier.events.families.outbound import RecipientOutcome
from courrier.sender.adapters.smtp_tls import check
from courrier.sender.adapters.smtp_words import (
    NoEncryption,
    NoLogin,
    is_loopback,
    server_words,
)
from courrier.sender.domain.answers import (
    FAILED,
    SENT,
    Answer,
    Answered,
    Unanswered,
    outcome_of,
    same_for_all,
)
from courrier.sender.ports import Letter

CHUNK_BYTES = 64 * 1024

_LINE_END = re.compile(rb"\r\n|\r|\n")
_FIRST_DOT = re.compile(rb"(?m)^\.")


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


class Dialogue:
    """A connection used for one message; ``is_handed_over`` once the final dot may be out."""

    def __init__(self, letter: Letter, limits: TimeLimits, tls: ssl.SSLContext, hello: str) -> None:
        self._letter = letter
        self._limits = limits
        self.is_handed_over = False
        self._client = aiosmtplib.SMTP(
            hostname=letter.server.host,
            port=letter.server.port,
            use_tls=letter.server.tls == "implicit",
            start_tls=False,
            tls_context=tls,
            timeout=limits.reply_s,
            local_hostname=hello,
        )

    async def speak(self) -> Answer:
        """Connect, log in and hand the message over.

        Raises:
            OSError, TimeoutError, aiosmtplib.SMTPException: what the line or the server did
                instead of answering; ``is_handed_over`` tells how far it came.
        """
        await self._client.connect()
        if self._letter.server.tls == "implicit":
            self._check_certificate()
        await self._greet()
        if self._letter.server.tls == "starttls":
            await self._encrypt()
        if refused := await self._log_in():
            return refused
        return self._obstacle() or await self._transact()

    def close(self) -> None:
        """End the connection without waiting for the server's good-bye."""
        protocol = self._client.protocol
        if protocol is not None and protocol.is_connected:
            protocol.write(b"QUIT\r\n")
        self._client.close()

    async def _greet(self) -> None:
        try:
            await self._client.ehlo()
        except aiosmtplib.SMTPHeloError:
            await self._client.helo()  # RFC 5321 section 4.1.1.1: an old server knows HELO only

    async def _encrypt(self) -> None:
        if not self._client.supports_extension("starttls"):
            raise NoEncryption(
                "it offers no encryption (STARTTLS), and nothing is sent without. "
                "Check port and encryption in the settings."
            )
        await self._client.starttls()
        self._check_certificate()
        await self._greet()  # RFC 3207 section 4.2: what was offered before counts no more

    def _check_certificate(self) -> None:
        transport = self._client.transport
        shown = transport.get_extra_info("ssl_object") if transport else None
        check(self._letter.server, shown)

    async def _log_in(self) -> Answered | None:
        user, password = self._letter.server.user, self._letter.secret
        if user is None or password is None:
            return None
        if self._letter.server.tls == "none" and not is_loopback(self._letter.server.host):
            raise NoEncryption(
                "no password is sent without encryption. Choose TLS or STARTTLS in the settings."
            )
        try:
            await self._authenticate(user, password)
        except aiosmtplib.SMTPAuthenticationError as error:
            text = (
                f"{self._letter.server.host} did not accept user name and password: "
                f"{server_words(error.message)}"
            )
            return self._same_for_all(error.code, text)
        return None

    async def _authenticate(self, user: str, password: str) -> None:
        offered = self._client.server_auth_methods
        if self._letter.server.oauth is not None:
            if "xoauth2" not in offered:
                raise NoLogin("it offers no log-in by a token (XOAUTH2). Check the port.")
            await self._client.auth_xoauth2(user, password)
        elif "plain" in offered:
            await self._client.auth_plain(user, password)
        elif "login" in offered:
            await self._client.auth_login(user, password)
        else:
            raise NoLogin("it offers no log-in by password. Check port and encryption.")

    def _obstacle(self) -> Answered | None:
        """Return the refusal that the server's own limits foretell, before anything is sent."""
        limit = self._client.esmtp_extensions.get("size", "")
        size = len(self._letter.raw)
        if limit.isdecimal() and 0 < int(limit) < size:
            text = f"The message has {size} bytes; {self._letter.server.host} takes {limit}."
            return self._same_for_all(552, text)
        if not self._letter.raw.partition(b"\r\n\r\n")[0].isascii() and not self._takes_utf8():
            return Answered(same_for_all(self._letter.recipients, FAILED, self._utf8_words()))
        return None

    async def _transact(self) -> Answer:
        reply = await self._command(b"MAIL", b"FROM:", self._letter.mail_from, *self._options())
        if reply.code // 100 != 2:
            return self._same_for_all(reply.code, server_words(reply.message))
        outcomes = {a: await self._recipient(a) for a in self._letter.recipients}
        accepted = [a for a, outcome in outcomes.items() if outcome.outcome == SENT]
        if not accepted:
            return Answered(tuple(outcomes.values()))
        reply = await self._client.execute_command(b"DATA", timeout=self._limits.data_s)
        if reply.code == 354:
            reply = await self._hand_over()
            if reply.code // 100 not in (2, 4, 5):
                return Unanswered(f"The server's last word was none: {reply.code}.")
        elif reply.code // 100 == 2:
            raise aiosmtplib.SMTPResponseException(reply.code, reply.message)
        outcomes |= {each: _outcome(each, reply) for each in accepted}
        return Answered(tuple(outcomes.values()))

    async def _recipient(self, address: str) -> RecipientOutcome:
        if not address.isascii() and not self._takes_utf8():
            return same_for_all((address,), FAILED, self._utf8_words())[0]
        return _outcome(address, await self._command(b"RCPT", b"TO:", address))

    async def _hand_over(self) -> SMTPResponse:
        """Send the message's bytes, see them leave, then send the dot and wait for the answer."""
        protocol, transport = self._client.protocol, self._client.transport
        if protocol is None or not isinstance(transport, asyncio.WriteTransport):
            raise aiosmtplib.SMTPServerDisconnected("the connection is lost")
        transport.set_write_buffer_limits(high=1)
        for chunk in _chunks(_stuffed(self._letter.raw)):
            protocol.write(chunk)
            async with asyncio.timeout(self._limits.block_s):
                # The library has no public way to wait until its bytes have left.
                await protocol._drain_helper()  # noqa: SLF001
        if not protocol.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("the connection is lost")
        self.is_handed_over = True
        return await self._client.execute_command(b".", timeout=self._limits.final_s)

    async def _command(
        self, verb: bytes, word: bytes, address: str, *options: bytes
    ) -> SMTPResponse:
        path = word + b"<" + address.encode() + b">"
        return await self._client.execute_command(verb, path, *options)

    def _options(self) -> Iterator[bytes]:
        """Return what the message needs of the server and the server offers."""
        header, _, body = self._letter.raw.partition(b"\r\n\r\n")
        if self._client.supports_extension("size"):
            yield b"SIZE=%d" % len(self._letter.raw)
        if not body.isascii() and self._client.supports_extension("8bitmime"):
            yield b"BODY=8BITMIME"
        addresses = (self._letter.mail_from, *self._letter.recipients)
        needs_utf8 = not header.isascii() or not all(map(str.isascii, addresses))
        if needs_utf8 and self._takes_utf8():
            yield b"SMTPUTF8"  # RFC 6531 section 3.4: only when needed

    def _takes_utf8(self) -> bool:
        return self._client.supports_extension("smtputf8")

    def _utf8_words(self) -> str:
        host = self._letter.server.host
        return f"{host} takes no addresses with characters beyond ASCII before the @ (SMTPUTF8)."

    def _same_for_all(self, code: int, text: str) -> Answered:
        outcome = outcome_of(code)
        return Answered(same_for_all(self._letter.recipients, outcome, text, code=code))


def _outcome(address: str, reply: SMTPResponse) -> RecipientOutcome:
    return RecipientOutcome(
        address=address,
        outcome=outcome_of(reply.code),
        code=reply.code,
        text=server_words(reply.message),
    )


def _stuffed(raw: bytes) -> bytes:
    """Return the lines with CRLF, dots doubled (RFC 5321 section 4.5.2), the last line ended."""
    lines = _LINE_END.sub(b"\r\n", raw)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return _FIRST_DOT.sub(b"..", lines)


def _chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), CHUNK_BYTES):
        yield data[start : start + CHUNK_BYTES]
