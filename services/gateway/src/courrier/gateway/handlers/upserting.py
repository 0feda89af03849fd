"""Bring many records in step with another system: created, changed or left, each by itself.

A few requests to the log for hundreds of lines, whatever they say: the last fact of each record
tells all of it, decisions are taken in memory and appended together. A line that lost a race is
decided anew; one that is refused stops no other.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from courrier.events import subjects
from courrier.events.base import Event, RecordRef, derived_id
from courrier.events.bulk import append_each
from courrier.events.envelope import NewEvent, Recorded, readable
from courrier.events.families.crm import (
    CaseNumbersTaken,
    RecordCreated,
    RecordErased,
    RecordFields,
)
from courrier.events.store import Conflict, History
from courrier.gateway.domain.address import AddressCommand
from courrier.gateway.domain.record import (
    ChangeRecord,
    CreateRecord,
    NoRecord,
    Record,
    RecordState,
    record,
)
from courrier.gateway.domain.record_fields import patched, started
from courrier.gateway.domain.refusals import Refusal

from .facts import Cause, Contended, new_events
from .records import ATTEMPTS, RecordLog, decided, owner_orders, take_numbers
from .references import missing, references_of

AT_ONCE = 250
"""Lines decided together: the process does nothing else meanwhile."""
LOADS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """What one line says of a record; ``changes`` are fields as the log has them."""

    number: int
    record: RecordRef
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line: created, updated, unchanged, or refused at ``pointer``."""

    line: int
    outcome: str
    id: str | None = None
    pointer: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a caller may: ``first`` completes new fields, ``check`` raises for others' records."""

    first: Callable[[RecordFields], RecordFields] = lambda fields: fields
    check: Callable[[Record], None] = lambda _: None


@dataclass(slots=True)
class _Wish:
    """A line with what was decided about it."""

    line: Line
    subject: str
    seen: Recorded[Event] | None
    before: RecordState
    facts: list[Event]
    cause: Cause

    @property
    def after(self) -> RecordState:
        return record.evolve(self.before, self.facts[-1])

    @property
    def fields(self) -> RecordFields:
        after = self.after
        return after.fields if isinstance(after, Record) else RecordFields()

    @property
    def changed(self) -> Iterable[str]:
        named = getattr(self.facts[-1], "changed", None)
        return RecordFields.model_fields if named is None else named


class Upserting:
    """Takes lines about records of one type, on somebody's behalf; safe to repeat.

    ``dry`` says what would become of them, and writes nothing.
    """

    def __init__(self, log: RecordLog, cause: Cause, rules: Rules, *, dry: bool = False) -> None:
        self._log = log
        self._cause = cause
        self._rules = rules
        self._dry = dry
        self._imagined: set[str] = set()

    async def take(self, lines: Sequence[Line]) -> list[Outcome]:
        """Return what became of each line, in order; a later line sees what an earlier one did.

        Raises:
            Contended: others kept writing to the same records.
            StoreUnavailable: some of it is done; repeat all of it.
        """
        found: dict[int, Outcome] = {}
        waiting = list(lines)
        for _ in range(ATTEMPTS + len(lines)):
            if not waiting:
                return [found[line.number] for line in lines]
            first, later = _one_a_record(waiting)
            outcomes, again = await self._round(first)
            found |= outcomes
            waiting = sorted([*again, *later], key=lambda line: line.number)
        raise Contended("these records are written to by many at once")

    async def _round(self, lines: Sequence[Line]) -> tuple[dict[int, Outcome], list[Line]]:
        wishes, found = await self._decide(lines)
        wishes = await self._with_references(wishes, found)
        if self._dry:
            return found | {wish.line.number: self._imagine(wish) for wish in wishes}, []
        await self._number([wish for wish in wishes if _is_new_case(wish)])
        decisions = await self._decisions(wishes)
        refused = await append_each(self._log.store, [events for _, events in decisions])
        outrun = {events[0].subject for events in refused}
        again = [wish.line for wish, _ in decisions if wish.subject in outrun]
        for wish, _ in decisions:
            if wish.subject not in outrun:
                found[wish.line.number] = _done(wish)
        return found, again

    def _imagine(self, wish: _Wish) -> Outcome:
        """Return what would become of a line; one created before would be changed."""
        done = _done(wish)
        if wish.line.record.id in self._imagined:
            return replace(done, outcome="updated")
        self._imagined.add(wish.line.record.id)
        return done

    async def _decide(self, lines: Sequence[Line]) -> tuple[list[_Wish], dict[int, Outcome]]:
        latest = await self._log.store.last([_subject(line) for line in lines])
        wishes: list[_Wish] = []
        found: dict[int, Outcome] = {}
        for line in lines:
            seen = latest.get(_subject(line))
            try:
                wish = self._wish(line, seen)
            except Refusal as refusal:
                found[line.number] = _refused(line, refusal.pointer, refusal.text)
                continue
            if wish.facts:
                wishes.append(wish)
            else:
                found[line.number] = Outcome(line.number, "unchanged", line.record.id)
        return wishes, found

    def _wish(self, line: Line, seen: Recorded[Event] | None) -> _Wish:
        before = _state(seen)
        cause_id = derived_id("line", str(self._cause.command_id), str(line.number))
        if isinstance(before, Record):
            self._rules.check(before)
            facts = record.decide(before, ChangeRecord(line.changes))
        else:
            fields = self._rules.first(patched(RecordFields(), line.changes))
            order = CreateRecord(line.record, started(line.record.type, fields))
            facts = record.decide(before, order)
        cause = replace(self._cause, command_id=cause_id)
        return _Wish(line, _subject(line), seen, before, facts, cause)

    async def _with_references(self, wishes: list[_Wish], found: dict[int, Outcome]) -> list[_Wish]:
        """Return the wishes that name only what is there; note the others as refused."""
        named = [references_of(wish.fields, wish.changed) for wish in wishes]
        faults = await missing(self._log.store, [each for some in named for each in some])
        good = []
        for wish, references in zip(wishes, named, strict=True):
            bad = next((each for each in references if each.subject in faults), None)
            if bad is None:
                good.append(wish)
            else:
                found[wish.line.number] = _refused(wish.line, bad.pointer, faults[bad.subject])
        return good

    async def _number(self, cases: Sequence[_Wish]) -> None:
        """Spend numbers for new cases, before they are opened: a lost race leaves a gap."""
        for _ in range(ATTEMPTS if cases else 0):
            taken = await take_numbers(self._log.store, len(cases), cases[0].cause)
            try:
                await self._log.store.append(taken)
            except Conflict:
                continue
            (spent,) = [each.event for each in taken if isinstance(each.event, CaseNumbersTaken)]
            for number, wish in enumerate(cases, start=spent.first):
                (made,) = [fact for fact in wish.facts if isinstance(fact, RecordCreated)]
                fields = made.fields.model_copy(update={"number": number})
                wish.facts = [made.model_copy(update={"fields": fields})]
            return
        if cases:
            raise Contended("many open cases at once")

    async def _decisions(self, wishes: Sequence[_Wish]) -> list[tuple[_Wish, list[NewEvent]]]:
        orders = [owner_orders(wish.line.record, wish.before, wish.after) for wish in wishes]
        histories = await self._histories([order for some in orders for order in some])
        return [
            (wish, [*_own(wish), *self._address_events(some, histories, wish.cause)])
            for wish, some in zip(wishes, orders, strict=True)
        ]

    def _address_events(
        self,
        orders: Sequence[AddressCommand],
        histories: Mapping[str, History],
        cause: Cause,
    ) -> list[NewEvent]:
        events: list[NewEvent] = []
        for order in orders:
            subject = self._address(order)
            history = histories.get(subject, [])
            events += new_events(subject, history, decided(history, [order]), cause)
        return events

    async def _histories(self, orders: Sequence[AddressCommand]) -> dict[str, History]:
        """Return what is known of each address; most addresses of an import are new."""
        wanted = list(dict.fromkeys(self._address(order) for order in orders))
        known = list(await self._log.store.last(wanted)) if wanted else []
        histories: dict[str, History] = {}
        for start in range(0, len(known), LOADS_AT_ONCE):
            some = known[start : start + LOADS_AT_ONCE]
            loaded = await asyncio.gather(*(self._log.store.load(each) for each in some))
            histories |= dict(zip(some, loaded, strict=True))
        return histories

    def _address(self, order: AddressCommand) -> str:
        return subjects.address(self._log.identity.address(order.address))


def _one_a_record(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    first: dict[str, Line] = {}
    later = []
    for line in lines:
        if line.record.id in first:
            later.append(line)
        else:
            first[line.record.id] = line
    return list(first.values()), later


def _state(seen: Recorded[Event] | None) -> RecordState:
    """Return the record that its last fact tells; an erased one has nothing before that fact."""
    if seen is None or isinstance(seen.event, RecordErased):
        return NoRecord(1 if seen else 0)
    event = readable(seen.event)
    fields = getattr(event, "fields", None)
    if isinstance(fields, RecordFields):
        ref = getattr(event, "record", RecordRef(type="", id=""))
        return Record(ref, fields, seen.version)
    return record.evolve(NoRecord(seen.version - 1), event)


def _own(wish: _Wish) -> list[NewEvent]:
    history = [wish.seen] if wish.seen else []
    events = new_events(wish.subject, history, wish.facts, wish.cause)
    version = wish.before.version
    return [replace(new, version=version + n) for n, new in enumerate(events, start=1)]


def _subject(line: Line) -> str:
    return subjects.record(line.record.type, line.record.id)


def _is_new_case(wish: _Wish) -> bool:
    return wish.line.record.type == "case" and isinstance(wish.before, NoRecord)


def _done(wish: _Wish) -> Outcome:
    outcome = "created" if isinstance(wish.before, NoRecord) else "updated"
    return Outcome(wish.line.number, outcome, wish.line.record.id)


def _refused(line: Line, pointer: str | None, detail: str) -> Outcome:
    return Outcome(line.number, "refused", None, pointer, detail)
