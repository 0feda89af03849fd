"""One attempt to deliver one message: the intent on the log, the dialogue, the answer on the log.

Whoever appends ``DeliveryStarted`` under the expected sequence has the attempt; a ``Conflict``
means that somebody else has it. What the dialogue came to is known in this process only, so it is
recorded however long the broker is away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import structlog

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.blobs import BlobMissing, Blobs
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.outbound import SECRET_MARK
from courrier.events.store import Conflict, EventStore, History
from courrier.events.vault import SecretMissing, Vault
from courrier.mail.writing.field_writing import wire_address
from courrier.sender.domain.account import Account
from courrier.sender.domain.delivery import Command, Doubt, GiveUp, Record, Start, delivery
from courrier.sender.domain.states import Queued, waiting_recipients
from courrier.sender.handlers.patience import patiently
from courrier.sender.ports import Accounts, Clock, Letter, Post

SOURCE = "/courrier/sender"
ACTOR = "service:sender"
TRIES = 5

log = structlog.get_logger(__name__)


class CannotSend(Exception):
    """Something the message needs is gone; the text tells a person what to do."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where an attempt finds what it needs, and how it speaks to the world."""

    store: EventStore
    blobs: Blobs
    vault: Vault
    accounts: Accounts
    post: Post


@dataclass(frozen=True, slots=True)
class _Ours:
    """An attempt that the log gave to us."""

    letter: Letter
    attempt: int


class Attempts:
    """Attempts of one process; ``run`` tells its starts from those of any other process."""

    def __init__(self, sources: Sources, clock: Clock, run: str | None = None) -> None:
        self._from = sources
        self._clock = clock
        self._run = run or uuid4().hex

    async def attempt(self, email_id: str) -> int:
        """Try to deliver the message if its time has come and nobody else does.

        Returns the sequence of its last event that is known here.
        """
        ours = await patiently("delivery.start", lambda: self._start(email_id))
        if isinstance(ours, int):
            return ours
        log.info("delivery.started", email=email_id, attempt=ours.attempt)
        answer = await self._from.post.deliver(ours.letter)
        record = Record(ours.attempt, answer, self._clock())
        return await patiently("delivery.record", lambda: self._settle(email_id, record))

    async def doubt(self, email_id: str) -> int:
        """Record that nobody knows what became of the attempt under way, if one is."""
        return await patiently("delivery.doubt", lambda: self._settle(email_id, Doubt()))

    async def _start(self, email_id: str) -> _Ours | int:
        history = await self._from.store.load(subjects.outbound(email_id))
        state = delivery.fold(r.event for r in history)
        if not isinstance(state, Queued):
            return history[-1].sequence if history else 0
        try:
            letter = await self._letter(state)
        except CannotSend as error:
            return await self._append(history, GiveUp(str(error)))
        command = Start(letter.server.host, self._clock())
        events = delivery.decide(state, command)
        if not events:
            return history[-1].sequence
        try:
            await self._from.store.append(self._new(history, events, self._run))
        except Conflict:
            log.info("delivery.left", email=email_id)
            return history[-1].sequence
        return _Ours(letter, state.attempts + 1)

    async def _letter(self, state: Queued) -> Letter:
        """Gather all that the dialogue needs, so that nothing can fail between start and DATA."""
        account = await self._from.accounts.get(state.message.account_id)
        if account is None or account.smtp is None:
            raise CannotSend(
                "The account this was sent from has no outgoing server any more: "
                "send it again from another account."
            )
        try:
            raw = await self._from.blobs.get(state.message.raw.digest)
        except BlobMissing as error:
            raise CannotSend(
                "The stored message is gone: it was erased, or the store lost it. Write it again."
            ) from error
        return Letter(
            server=account.smtp,
            password=await self._password(account),
            mail_from=wire_address(state.message.sent_from.address),
            recipients=waiting_recipients(state),
            raw=await self._with_secret(raw, state.message.secret),
        )

    async def _with_secret(self, raw: bytes, name: str | None) -> bytes:
        """Put the secret of a notice where its mark stands: only the server sees both."""
        if name is None:
            return raw
        try:
            secret = (await self._from.vault.get(name)).value
        except SecretMissing as error:
            raise CannotSend("What this notice was to tell is not known any more.") from error
        return raw.replace(SECRET_MARK.encode(), secret)

    async def _password(self, account: Account) -> str | None:
        if account.smtp is None or account.smtp.secret is None:
            return None
        try:
            return (await self._from.vault.get(account.smtp.secret)).value.decode()
        except SecretMissing as error:
            raise CannotSend(
                "The password of the outgoing server is not stored: "
                "enter it in the account's settings and send the message again."
            ) from error

    async def _settle(self, email_id: str, command: Command) -> int:
        for attempt in range(TRIES):
            history = await self._from.store.load(subjects.outbound(email_id))
            try:
                return await self._append(history, command)
            except Conflict:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("the loop returns or raises")

    async def _append(self, history: History, command: Command) -> int:
        events = delivery.decide(delivery.fold(r.event for r in history), command)
        if not events:
            return history[-1].sequence if history else 0
        appended = await self._from.store.append(self._new(history, events))
        for event in events:
            log.info("delivery.settled", email=history[0].aggregate, outcome=event.TYPE)
        return appended.sequence

    def _new(self, history: History, events: Sequence[Event], *nonce: str) -> list[NewEvent]:
        """Return the events as caused by the last one.

        A start has this process's ``nonce`` in its id: two senders that start the same attempt
        must not look like one that repeats itself.
        """
        first, last = history[0], history[-1]
        context = Context(SOURCE, ACTOR, self._clock(), first.correlation_id, last.id)
        return [
            NewEvent(
                subject=last.subject,
                event=event,
                id=derived_id(last.id, event.TYPE, *nonce),
                version=last.version + number,
                context=context,
                expected=last.sequence if number == 1 else None,
            )
            for number, event in enumerate(events, start=1)
        ]
