"""What comes to be known late changes what was decided: find what it concerns, decide anew, append.

Follows ``EMAIL`` and ``CRM`` in the background. What it appends is read again like anything else,
so that a record given on by an ancestor reaches the whole conversation, step by step. Everything
may come again: what is so already is not said twice.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog

from courrier.events import subjects
from courrier.events.base import Event, Evidence, derived_id
from courrier.events.envelope import Context, NewEvent, Recorded
from courrier.events.families.email import EmailImported, EmailLinked, ThreadsJoined
from courrier.events.parking import Failure, settle, sort_out
from courrier.events.postgres.faults import is_events_fault
from courrier.events.store import Conflict, EventStore, History
from courrier.linker.domain.arrivals import Keys, words_of
from courrier.linker.domain.changes import Cause, Question, questions_of
from courrier.linker.domain.healing import Stored, joined, relinked
from courrier.linker.domain.identity import subject_key_of
from courrier.linker.domain.words import Words, keys_of_words
from courrier.linker.handlers.linking import ACTOR, SOURCE, TRIES
from courrier.linker.ports import HEALING, Clock, HealingIndex, Outrun, Progress

AT_ONCE = 400
"""Rows of e-mails looked at in one step: messages that come meanwhile wait no longer than that."""
HEALS = ("EMAIL", "CRM")
"""The streams that are followed."""

Imports = dict[str, Recorded[Event]]
"""``EmailImported`` by e-mail."""
Result = TypeVar("Result")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ways:
    """How healing is done: ``turn`` is the index's, which serves one at a time.

    ``contact_is_parent`` holds where no administrator has said so or otherwise. ``is_alone``: no
    other linker decides at the same time, so that a new e-mail was decided with all there was.
    """

    clock: Clock
    turn: asyncio.Lock
    contact_is_parent: bool = False
    is_alone: bool = True


class Healing:
    """Takes batches of ``EMAIL`` and ``CRM``."""

    def __init__(self, store: EventStore, index: HealingIndex, ways: Ways) -> None:
        self._store = store
        self._index = index
        self._ways = ways

    async def take_all(self, batches: AsyncGenerator[History, None], after: int) -> None:
        """Take the batches of one stream that follow ``after``, for ever."""
        async with aclosing(batches):
            async for batch in batches:
                await self.take(batch, after)
                after = batch[-1].sequence

    async def take(self, batch: History, seen: int) -> None:
        """Deal with the events of one stream that follow ``seen``, and move the consumer on.

        Raises:
            Conflict: others kept writing to the same e-mails; the batch may come again.
            Fenced: another instance has dealt with the batch.
            StoreUnavailable: the log did not answer.
        """
        await settle(batch, seen, self._take, is_events_fault)

    async def link(self, batch: History) -> None:
        """Deal with these events without moving any consumer."""
        keys: dict[str, str] = {}
        imports: Imports = {}
        linked: list[str] = []
        for recorded in batch:
            if isinstance(recorded.event, EmailImported):
                imports[recorded.event.email_id] = recorded
                keys[recorded.event.email_id] = subject_key_of(recorded.event.subject)
            elif isinstance(recorded.event, EmailLinked):
                linked.append(recorded.event.email_id)
        if imports:
            await self._again(partial(self._join, imports))
        if imports and not self._ways.is_alone:
            await self._again(partial(self._recheck, imports))
        if linked:
            known = await self._again(partial(self._stored, linked))
            keys |= {each.words.email_id: each.words.subject_key for each in known}
        for question in questions_of(batch, keys):
            await self._relink(question)

    async def _take(self, part: History, seen: int, failure: Failure | None) -> None:
        progress = Progress(part[0].stream, seen, part[-1].sequence, HEALING)
        blocked = await self._index.blocked(progress.stream, HEALING)
        free, aside = sort_out(part, blocked, failure)
        await self.link(free)
        async with self._ways.turn:
            await self._index.record([], progress, aside)

    async def _again(self, step: Callable[[int], Awaitable[Result]]) -> Result:
        """Take one step on an index that is up to the log; once more where it was outrun."""
        for _ in range(TRIES):
            try:
                async with self._ways.turn:
                    return await step(await self._index.catch_up())
            except (Conflict, Outrun) as error:
                log.info("healing.decided-again", why=str(error))
        raise Conflict(f"e-mails were decided anew {TRIES} times, in vain")

    async def _stored(self, email_ids: Sequence[str], _: int) -> list[Stored]:
        return await self._index.stored(email_ids)

    async def _join(self, imports: Imports, reached: int) -> None:
        """Join the threads that meet in these e-mails."""
        events = [r.event for r in imports.values() if isinstance(r.event, EmailImported)]
        pairs = [(e.email_id, key) for e in events for key in keys_of_words(words_of(e))]
        met = await self._index.apart(pairs)
        threads = {thread for each in met for thread in (each.thread_id, each.other_id)}
        facts = joined(met, await self._index.kept_apart(sorted(threads)) if met else frozenset())
        await self._append(
            [
                (subjects.thread(each.joined), each, Cause(imports[each.email_id], each.reason))
                for each in facts
            ],
            reached,
        )

    async def _recheck(self, imports: Imports, reached: int) -> None:
        """Decide anew about e-mails that others may have decided on without what we know."""
        because = Evidence(rule="decided-at-once")
        causes = {email_id: Cause(recorded, because) for email_id, recorded in imports.items()}
        await self._decide(await self._index.stored(list(imports)), causes, reached)

    async def _relink(self, question: Question) -> None:
        after: str | None = ""
        while after is not None:
            after = await self._again(partial(self._relink_some, question, after))

    async def _relink_some(self, question: Question, after: str, reached: int) -> str | None:
        """Decide anew about the next e-mails; return the last one's id, None at the end."""
        rows = await self._index.concerned(question.asked, after, AT_ONCE)
        causes: dict[str, Cause] = {}
        for number, email_id in rows:
            cause = question.causes[number]
            if cause.because.value != email_id:
                causes.setdefault(email_id, cause)
        await self._decide(await self._index.stored(list(causes)), causes, reached)
        return rows[-1][1] if len(rows) == AT_ONCE else None

    async def _decide(
        self, stored: Sequence[Stored], causes: dict[str, Cause], reached: int
    ) -> None:
        if not stored:
            return
        known = await self._index.look_up(_keys([each.words for each in stored]))
        b2c = self._ways.contact_is_parent if known.b2c is None else known.b2c
        found = []
        for each in stored:
            cause = causes[each.words.email_id]
            if fact := relinked(each, known, cause.because, contact_is_parent=b2c):
                found.append((subjects.email(fact.email_id), fact, cause))
        await self._append(found, reached)

    async def _append(
        self, facts: Sequence[tuple[str, EmailLinked | ThreadsJoined, Cause]], reached: int
    ) -> None:
        """Append each fact behind the last one on its subject, if that is one we have seen.

        Raises:
            Outrun: it is not.
        """
        if not facts:
            return
        last = await self._store.last([subject for subject, _, _ in facts])
        if any(recorded.sequence > reached for recorded in last.values()):
            raise Outrun("an e-mail has changed meanwhile")
        now = self._ways.clock()
        events = []
        for subject, fact, cause in facts:
            head = last.get(subject)
            context = Context(SOURCE, ACTOR, now, cause.decision, cause.fact.id)
            events.append(_new(subject, fact, context, head))
        await self._store.append(events)


def _new(
    subject: str,
    fact: EmailLinked | ThreadsJoined,
    context: Context,
    head: Recorded[Event] | None,
) -> NewEvent:
    """Return the event; what a cause leads to once more, after something else, is another one."""
    sequence, version = (head.sequence, head.version) if head else (0, 0)
    event_id = derived_id(str(context.causation_id), subject, fact.TYPE, str(sequence))
    return NewEvent(subject, fact, event_id, version + 1, context, sequence)


def _keys(words: Sequence[Words]) -> Keys:
    return Keys(
        email_ids=frozenset(ancestor for each in words for ancestor in each.ancestors),
        thread_keys=frozenset(),
        addresses=frozenset(party.address for each in words for party in each.parties),
        account_ids=frozenset(),
    )
