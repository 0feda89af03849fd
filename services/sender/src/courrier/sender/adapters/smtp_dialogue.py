"""One message in a session with an SMTP server (RFC 5321), and the exact point up to which it went.

Replies are values, one a recipient. It is known whether the final dot was sent: before it the
server cannot have the message (section 4.1.1.4), after it only its answer tells.
"""

import re
from collections.abc import Iterator

import aiosmtplib

from courrier.events.families.outbound import RecipientOutcome
from courrier.sender.adapters.smtp_line import Reply
from courrier.sender.adapters.smtp_session import Session, TimeLimits
from courrier.sender.adapters.smtp_words import server_words
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
_NOT_XCHAR = re.compile(r"[^!-*,-<>-~]")


class Stale(Exception):
    """A session that had been idle was closed by its server: another one can be tried."""


class Dialogue:
    """A session used for one message; ``is_handed_over`` once the final dot may be out."""

    def __init__(self, letter: Letter, session: Session, limits: TimeLimits) -> None:
        self._letter = letter
        self._session = session
        self._line = session.line
        self._limits = limits
        self._is_heard = False
        self.is_handed_over = False

    async def speak(self) -> Answer:
        """Hand the message over.

        Raises:
            Stale: the server has not heard of it.
            OSError, TimeoutError, aiosmtplib.SMTPException: what the line or the server did
                instead of answering; ``is_handed_over`` tells how far it came.
        """
        if refused := self._obstacle():
            return refused
        try:
            return await self._transact()
        except (OSError, aiosmtplib.SMTPServerDisconnected) as error:
            if self._session.uses and not self._is_heard:
                raise Stale from error
            raise
        finally:
            self._session.uses += 1

    def _obstacle(self) -> Answered | None:
        """Return the refusal that the server's own limits foretell, before anything is sent."""
        limit, size = self._session.size_limit, len(self._letter.raw)
        if 0 < limit < size:
            text = f"The message has {size} bytes; {self._letter.server.host} takes {limit}."
            return self._same_for_all(Reply(552, text))
        if not self._header.isascii() and not self._offers("smtputf8"):
            return Answered(same_for_all(self._letter.recipients, FAILED, self._utf8_words()))
        if not self._body.isascii() and not self._offers("8bitmime"):
            text = (
                f"{self._letter.server.host} takes no text beyond ASCII as it is (8BITMIME): "
                "leave out the forwarded message that holds it, or attach it as a file."
            )
            return Answered(same_for_all(self._letter.recipients, FAILED, text))
        return None

    async def _transact(self) -> Answer:
        asked = [a for a in self._letter.recipients if a.isascii() or self._offers("smtputf8")]
        if not asked:
            return Answered(tuple(map(self._unwritable, self._letter.recipients)))
        first, recipients, data = await self._envelope(asked)
        if first.code // 100 != 2:
            return self._same_for_all(first)
        outcomes = {a: self._unwritable(a) for a in self._letter.recipients if a not in asked}
        outcomes |= {a: _outcome(a, reply) for a, reply in zip(asked, recipients, strict=True)}
        accepted = [a for a in asked if outcomes[a].outcome == SENT]
        if data is not None and data.code == 354:
            data = await self._finish(accepted)
            if accepted and data.code // 100 not in (2, 4, 5):
                return Unanswered(f"The server's last word was none: {data.code}.")
        elif data is not None and data.code // 100 == 2:
            raise aiosmtplib.SMTPResponseException(data.code, data.text)
        if data is not None:
            outcomes |= {each: _outcome(each, data) for each in accepted}
        return Answered(tuple(outcomes[a] for a in self._letter.recipients))

    async def _envelope(self, asked: list[str]) -> tuple[Reply, list[Reply], Reply | None]:
        """Return the replies to MAIL, to each RCPT, and to DATA where it made sense to ask."""
        commands = [self._mail(), *map(self._rcpt, asked)]
        if self._offers("pipelining"):
            self._line.write(b"\r\n".join([*commands, b"DATA", b""]))
            first, *others = [await self._reply(self._limits.reply_s) for _ in commands]
            return first, others, await self._reply(self._limits.data_s)
        first = await self._ask(commands[0])
        if first.code // 100 != 2:
            return first, [], None
        others = [await self._ask(command) for command in commands[1:]]
        if not any(reply.code // 100 == 2 for reply in others):
            return first, others, None
        return first, others, await self._ask(b"DATA", self._limits.data_s)

    async def _finish(self, accepted: list[str]) -> Reply:
        """Send the message's bytes, see them leave, then send the dot and wait for the answer.

        Where a pipelined DATA was let through without any recipient, nothing but the dot is sent
        (RFC 2920 section 3.1).
        """
        if not accepted:
            return await self._ask(b".", self._limits.final_s)
        for chunk in _chunks(_stuffed(self._letter.raw)):
            self._line.write(chunk)
            await self._line.flushed(self._limits.block_s)
        self.is_handed_over = True
        return await self._ask(b".", self._limits.final_s)

    async def _ask(self, command: bytes, within_s: float | None = None) -> Reply:
        self._line.write(command + b"\r\n")
        return await self._reply(within_s or self._limits.reply_s)

    async def _reply(self, within_s: float) -> Reply:
        reply = await self._line.reply(within_s)
        if reply.code == 421 and self._session.uses and not self._is_heard:
            raise Stale
        self._is_heard = True
        return reply

    def _mail(self) -> bytes:
        """MAIL with what the message needs of the server and the server offers."""
        letter = self._letter
        words = [b"MAIL FROM:<%s>" % letter.mail_from.encode()]
        if self._offers("size"):
            words.append(b"SIZE=%d" % len(letter.raw))
        if not self._body.isascii():
            words.append(b"BODY=8BITMIME")
        addresses = (letter.mail_from, *letter.recipients)
        needs_utf8 = not self._header.isascii() or not all(map(str.isascii, addresses))
        if needs_utf8 and self._offers("smtputf8"):
            words.append(b"SMTPUTF8")  # RFC 6531 section 3.4: only when needed
        if self._offers("dsn") and letter.envelope_id:
            words.append(b"RET=HDRS ENVID=%s" % _xtext(letter.envelope_id))
        return b" ".join(words)

    def _rcpt(self, address: str) -> bytes:
        words = [b"RCPT TO:<%s>" % address.encode()]
        if self._offers("dsn"):
            words.append(b"NOTIFY=%s" % self._notify())
            if address.isascii():
                words.append(b"ORCPT=rfc822;%s" % _xtext(address))
        return b" ".join(words)

    def _notify(self) -> bytes:
        if not self._letter.mail_from:
            return b"NEVER"  # nobody is there to be told
        return b"SUCCESS,FAILURE,DELAY" if self._letter.wants_receipt else b"FAILURE,DELAY"

    @property
    def _header(self) -> bytes:
        return self._letter.raw.partition(b"\r\n\r\n")[0]

    @property
    def _body(self) -> bytes:
        return self._letter.raw.partition(b"\r\n\r\n")[2]

    def _offers(self, extension: str) -> bool:
        return extension in self._session.offers

    def _unwritable(self, address: str) -> RecipientOutcome:
        return same_for_all((address,), FAILED, self._utf8_words())[0]

    def _utf8_words(self) -> str:
        host = self._letter.server.host
        return f"{host} takes no addresses with characters beyond ASCII before the @ (SMTPUTF8)."

    def _same_for_all(self, reply: Reply) -> Answered:
        words = server_words(reply.text)
        outcome = outcome_of(reply.code)
        return Answered(same_for_all(self._letter.recipients, outcome, words, code=reply.code))


def _outcome(address: str, reply: Reply) -> RecipientOutcome:
    return RecipientOutcome(
        address=address,
        outcome=outcome_of(reply.code),
        code=reply.code,
        text=server_words(reply.text),
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


def _xtext(value: str) -> bytes:
    """Return the value as RFC 3461 section 4 writes it."""
    return _NOT_XCHAR.sub(lambda each: f"+{ord(each[0]):02X}", value).encode()
