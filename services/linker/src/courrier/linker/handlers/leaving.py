"""An e-mail that nobody holds any more leaves every store: its messages first, then itself.

Whoever owns what it was made of is told before its own facts go, since only they lead there:
interrupted in between, the next tick finds the e-mail and begins again.
"""

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar
from uuid import UUID

import structlog

from courrier.events import subjects
from courrier.events.base import Command, derived_id
from courrier.events.bus import Answer, CommandBus, NoAnswer
from courrier.events.commands.answers import Refused
from courrier.events.commands.erasing import (
    ERASE_AT_ONCE,
    DropBlobs,
    EraseEmail,
    EraseOutbound,
    EraseReceived,
)
from courrier.events.eraser import Eraser
from courrier.events.families.email import EmailImported, EmailShared
from courrier.events.store import EventStore, History
from courrier.linker.domain.erasing import erased
from courrier.linker.handlers.erasing import Erasing

MAILBOX = "MAILBOX"

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Leaving:
    """Erases an e-mail together with what it was made of."""

    def __init__(
        self, store: EventStore, reader: Eraser, *, bus: CommandBus, erasing: Erasing
    ) -> None:
        self._store = store
        self._reader = reader
        self._bus = bus
        self._erasing = erasing

    async def answer(self, command: EraseEmail) -> Answer:
        """Erase it; where others do not answer, nothing of the e-mail itself is erased yet.

        Raises:
            Conflict, StoreUnavailable: as ``Erasing``; repeat it.
        """
        history = await self._store.load(subjects.email(command.email_id))
        try:
            for order in await self._orders(command, history):
                answer = await self._bus.ask(order)
                if isinstance(answer, Refused):
                    return answer
        except NoAnswer as error:
            log.warning("email.not-erased", email_id=command.email_id, why=str(error))
            return Refused(reason="not-finished", text=str(error))
        return await self._erasing.answer(command)

    async def _orders(self, command: EraseEmail, history: History) -> list[Command]:
        """Return what others have to do: drop bytes, erase messages, and what was sent."""
        imports = [r.event for r in history if isinstance(r.event, EmailImported)]
        received = await self._received(history)
        key = erased(command.email_id, history, self._erasing.identity).message_key
        digests = {each.raw.digest for each in imports} | {digest for _, digest in received}
        orders: list[Command] = [
            DropBlobs(command_id=self._id(command, *some), digests=some, actor=command.actor)
            for some in _slices(tuple(sorted(digests)))
        ]
        orders += [
            EraseReceived(
                command_id=self._id(command, *map(str, places)),
                sequences=places,
                message_keys=(key,) if key else (),
                actor=command.actor,
            )
            for places in _slices(tuple(sequence for sequence, _ in received))
        ]
        if await self._store.load(subjects.outbound(command.email_id)):
            sent = EraseOutbound(
                command_id=self._id(command, "outbound"),
                email_id=command.email_id,
                actor=command.actor,
            )
            orders.append(sent)
        return orders

    async def _received(self, history: History) -> list[tuple[int, str]]:
        """Return where its messages, and newer readings, stand, and the digests of their bytes.

        A place is a hint: what stands elsewhere since the log was restored is not touched.
        """
        facts = [r.event for r in history if isinstance(r.event, EmailImported | EmailShared)]
        wanted = {each.source_id: each.source_sequence for each in facts if each.source_sequence}
        there = await self._reader.read(MAILBOX, wanted.values())
        found = [r for r in there if r.id in wanted]
        for source_id in [r.id for r in found]:
            found += await self._store.load(subjects.reread_message(source_id))
        raws = [(r.sequence, getattr(r.event, "raw", None)) for r in found]
        return [(sequence, raw.digest) for sequence, raw in raws if raw is not None]

    def _id(self, command: EraseEmail, *parts: str) -> UUID:
        return derived_id(str(command.command_id), *parts)


def _slices(values: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    rest = iter(values)
    while some := tuple(islice(rest, ERASE_AT_ONCE)):
        yield some
