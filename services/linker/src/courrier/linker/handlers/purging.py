"""What filters kept out, and nobody took back in time, is purged: first no way back, then erased.

``SkippedMessageExpired`` stands on the log before the fetcher is told, so that nobody can take back
what is being erased; ``SkippedMessagePurged`` after it has answered. Interrupted anywhere, the next
tick goes on: each of these steps can be repeated.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.bus import CommandBus, NoAnswer
from courrier.events.commands.answers import Refused
from courrier.events.commands.erasing import ERASE_AT_ONCE, KeptOut, PurgeMessages
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.email import MessageSkipped
from courrier.events.families.skipped import SkippedMessageExpired, SkippedMessagePurged
from courrier.events.store import Conflict, EventStore, History
from courrier.linker.domain.skipping import Skip, skip_of
from courrier.linker.ports import Clock

TICK_S = 1.0
WAIT_S = 10.0
"""Seconds until a fetcher that did not answer is asked again."""
ACTOR = "service:linker"
SOURCE = "/courrier/linker"

log = structlog.get_logger(__name__)


class WaitingSkips(Protocol):
    """What was kept out and is to be purged."""

    async def waiting(self, now: datetime, limit: int) -> list[str]:
        """Return the sources whose time is over and that are not purged yet, oldest first."""
        ...


class Purging:
    """Ticks, on one instance at a time; a conflict is left to the next tick."""

    def __init__(
        self, store: EventStore, skips: WaitingSkips, bus: CommandBus, clock: Clock
    ) -> None:
        self._store = store
        self._skips = skips
        self._bus = bus
        self._clock = clock

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            try:
                await self.tick()
            except NoAnswer as error:
                log.warning("skipped.not-purged", why=str(error))
                await asyncio.sleep(WAIT_S)
            except Conflict:
                log.info("skipped.purged-later", why="one of them was taken back meanwhile")
            await asyncio.sleep(TICK_S)

    async def tick(self) -> int:
        """Purge what is due now; return how many messages.

        Raises:
            Conflict: one of them was taken back meanwhile; tick again.
            NoAnswer: no fetcher answers.
            StoreUnavailable: the log did not answer.
        """
        now = self._clock()
        sources = await self._skips.waiting(now, ERASE_AT_ONCE)
        found = [await self._load(source_id) for source_id in sources]
        due = [(each, history) for each, history in found if each.is_due(now)]
        for part in due:  # one by one: what one of them meets does not keep the others
            await self._append(part, SkippedMessageExpired)
        expired = [(each, h) for each, h in found if each.stage == "expired" or each.is_due(now)]
        if not expired:
            return 0
        await self._purge([each.fact for each, _ in expired if each.fact])
        for each, _ in expired:
            if each.fact is not None:
                await self._append(await self._load(each.fact.source_id), SkippedMessagePurged)
        return len(expired)

    async def _load(self, source_id: str) -> tuple[Skip, History]:
        history = await self._store.load(subjects.skipped_message(source_id))
        return skip_of(history), history

    async def _append(
        self,
        about: tuple[Skip, History],
        kind: type[SkippedMessageExpired | SkippedMessagePurged],
    ) -> None:
        skip, history = about
        if skip.fact is None or skip.stage not in {"kept", "expired"}:
            return
        last, source_id = history[-1], skip.fact.source_id
        event_id = derived_id(kind.TYPE, source_id)
        context = Context(SOURCE, ACTOR, self._clock(), last.correlation_id, last.id)
        named = {"source_id": source_id, "account_id": skip.fact.account_id}
        wanted = {name: value for name, value in named.items() if name in kind.model_fields}
        fact: Event = kind.model_validate(wanted)
        new = NewEvent(last.subject, fact, event_id, last.version + 1, context, last.sequence)
        await self._store.append([new])

    async def _purge(self, facts: Sequence[MessageSkipped]) -> None:
        order = PurgeMessages(
            command_id=derived_id("purge", *(fact.source_id for fact in facts)),
            messages=tuple(
                KeptOut(
                    source_id=fact.source_id,
                    sequence=fact.source_sequence,
                    account_id=fact.account_id,
                    folder=fact.folder,
                    uid=fact.uid,
                )
                for fact in facts
            ),
            actor=ACTOR,
        )
        answer = await self._bus.ask(order)
        if isinstance(answer, Refused):
            raise NoAnswer(f"the fetcher refused to purge: {answer.text}")
