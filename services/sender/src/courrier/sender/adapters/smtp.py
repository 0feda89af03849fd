"""``Post`` over aiosmtplib: dialogues with servers, bounded, and ended at once when asked to.

Nothing named after the library leaves this package: trouble becomes ``Unreached`` or
``Unanswered``, by whether the end of the message was sent.
"""

import asyncio
import ssl
from pathlib import Path

import aiosmtplib

from courrier.sender.adapters.smtp_dialogue import Dialogue, TimeLimits
from courrier.sender.adapters.smtp_tls import Contexts
from courrier.sender.adapters.smtp_words import Stopped, trouble_words
from courrier.sender.domain.answers import Answer, Unanswered, Unreached
from courrier.sender.ports import Letter

LONGEST_DIALOGUE_S = 1800.0
"""A server that answers each of a hundred RCPTs just in time would hold a connection for hours."""

UNANSWERED = (
    "The message was handed over, and the server's answer did not come: it may have arrived. "
    "Look into the Sent folder or ask a recipient before sending it again."
)


def trusted(extra_ca_file: Path | None) -> ssl.SSLContext:
    """Return the system's CAs, and those of a PEM file beside them.

    Raises:
        OSError: the file cannot be read or holds no certificate.
    """
    context = ssl.create_default_context()
    if extra_ca_file is not None:
        context.load_verify_locations(cafile=extra_ca_file)
    return context


class SmtpPost:
    """One connection a message. ``hello`` is our name in EHLO."""

    def __init__(self, tls: Contexts, hello: str, limits: TimeLimits) -> None:
        self._tls = tls
        self._hello = hello
        self._limits = limits
        self._open: set[asyncio.Timeout] = set()
        self._is_hung_up = False

    async def deliver(self, letter: Letter) -> Answer:
        """Speak to the server once (see ``Post.deliver``)."""
        if self._is_hung_up:
            return Unreached("The sender was stopping.")
        try:
            context = self._tls.of(letter.server)
        except ssl.SSLError:
            return Unreached("The account's own certificate authority cannot be read.")
        dialogue = Dialogue(letter, self._limits, context, self._hello)
        try:
            return await self._bounded(dialogue)
        except (OSError, TimeoutError, ValueError, aiosmtplib.SMTPException) as error:
            words = trouble_words(Stopped("stopping") if self._is_hung_up else error, letter.server)
            if dialogue.is_handed_over:
                return Unanswered(f"{UNANSWERED} ({words})")
            return Unreached(words)
        finally:
            dialogue.close()

    def hang_up(self) -> None:
        """End all dialogues, now (see ``Post.hang_up``)."""
        self._is_hung_up = True
        now = asyncio.get_running_loop().time()
        for limit in self._open:
            limit.reschedule(now)

    async def _bounded(self, dialogue: Dialogue) -> Answer:
        async with asyncio.timeout(LONGEST_DIALOGUE_S) as limit:
            self._open.add(limit)
            try:
                return await dialogue.speak()
            finally:
                self._open.discard(limit)
