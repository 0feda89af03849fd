"""``Post``: dialogues with SMTP servers, bounded, and ended at once when asked to.

Nothing named after the library leaves this package: trouble becomes ``Unreached`` or
``Unanswered``, by whether the end of the message was sent.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosmtplib
import structlog

from courrier.sender.adapters.smtp_dialogue import Dialogue, Stale
from courrier.sender.adapters.smtp_pool import Pool, PoolBounds
from courrier.sender.adapters.smtp_session import Opener, Session, TimeLimits
from courrier.sender.adapters.smtp_words import LogInRefused, Stopped, trouble_words
from courrier.sender.domain.answers import (
    SENT,
    Answer,
    Answered,
    Unanswered,
    Unreached,
    outcome_of,
    same_for_all,
)
from courrier.sender.ports import Letter

TROUBLE = (OSError, TimeoutError, ValueError, aiosmtplib.SMTPException)
LONGEST_DIALOGUE_S = 1800.0
"""A server that answers each of a hundred RCPTs just in time would hold a connection for hours."""

UNANSWERED = (
    "The message was handed over, and the server's answer did not come: it may have arrived. "
    "Look into the Sent folder or ask a recipient before sending it again."
)

log = structlog.get_logger(__name__)


class SmtpPost:
    """Sessions are kept for the next message of the same account."""

    def __init__(
        self, opener: Opener, limits: TimeLimits, bounds: PoolBounds | None = None
    ) -> None:
        self._opener = opener
        self._limits = limits
        self._pool = Pool(bounds or PoolBounds())
        self._open: set[asyncio.Timeout] = set()
        self._is_hung_up = False

    async def deliver(self, letter: Letter) -> Answer:
        """Speak to the server once (see ``Post.deliver``)."""
        while not self._is_hung_up:
            session = self._pool.take(letter)
            try:
                return await (self._anew(letter) if session is None else self._say(letter, session))
            except Stale:
                log.debug("session.stale", account=letter.account_id)
        return Unreached("The sender was stopping.")

    def hang_up(self) -> None:
        """End all dialogues, now (see ``Post.hang_up``)."""
        self._is_hung_up = True
        self._pool.close()
        now = asyncio.get_running_loop().time()
        for limit in self._open:
            limit.reschedule(now)

    async def _anew(self, letter: Letter) -> Answer:
        try:
            async with self._limited():
                session = await self._opener.open(letter)
        except LogInRefused as error:
            return _refused(error, letter)
        except TROUBLE as error:
            return Unreached(self._words(error, letter))
        return await self._say(letter, session)

    async def _say(self, letter: Letter, session: Session) -> Answer:
        dialogue = Dialogue(letter, session, self._limits)
        try:
            async with self._limited():
                answer = await dialogue.speak()
                await self._keep(letter, session, answer)
                return answer
        except Stale:
            session.line.abort()
            raise
        except TROUBLE as error:
            session.line.abort()
            words = self._words(error, letter)
            if dialogue.is_handed_over:
                return Unanswered(f"{UNANSWERED} ({words})")
            return Unreached(words)

    async def _keep(self, letter: Letter, session: Session, answer: Answer) -> None:
        """Keep the session where the server is content; a refusal may have left it half said."""
        is_plain = isinstance(answer, Answered) and all(o.outcome == SENT for o in answer.outcomes)
        if not is_plain or self._is_hung_up:
            session.line.say_good_bye()
            return
        self._pool.give(letter, session)

    @asynccontextmanager
    async def _limited(self) -> AsyncIterator[None]:
        async with asyncio.timeout(LONGEST_DIALOGUE_S) as limit:
            self._open.add(limit)
            try:
                yield
            finally:
                self._open.discard(limit)

    def _words(self, error: BaseException, letter: Letter) -> str:
        return trouble_words(Stopped("stopping") if self._is_hung_up else error, letter.server)


def _refused(error: LogInRefused, letter: Letter) -> Answer:
    """A password is not tried again, as that locks accounts; a token is renewed and tried again."""
    host, words = letter.server.host, error.message
    if letter.server.oauth:
        return Unreached(
            f"{host} did not accept the sign-in, which is renewed: {words}", stale=True
        )
    text = f"{host} did not accept user name and password: {words}"
    outcome = outcome_of(error.code)
    return Answered(same_for_all(letter.recipients, outcome, text, code=error.code))
