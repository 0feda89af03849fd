"""Erase CRM records and addresses, and keep the audit trail of erasures."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from courrier.events import subjects
from courrier.events.base import Event, RecordRef, derived_id
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done
from courrier.events.commands.erasing import EraseAddress, EraseRecord, NoteErasure
from courrier.events.envelope import Context, NewEvent
from courrier.events.eraser import Eraser, erase_before
from courrier.events.families.crm import AddressErased, AddressReleased, RecordErased
from courrier.events.families.settings import ErasureFinished, ErasureStarted
from courrier.events.store import Conflict, History
from courrier.gateway.domain import address as addresses
from courrier.gateway.domain.erasing import restated
from courrier.gateway.domain.record import Record, record

from .facts import ATTEMPTS, SOURCE, Cause, new_events
from .records import RecordLog

Clock = Callable[[], datetime]


class Erasing:
    """Answers what erasures ask of ``CRM`` and ``SETTINGS``; every order may be repeated."""

    def __init__(self, log: RecordLog, eraser: Eraser, clock: Clock) -> None:
        self._log = log
        self._eraser = eraser
        self._clock = clock

    async def erase_record(self, command: EraseRecord) -> Answer:
        """Erase a record, or only one address from all that it ever said.

        Raises:
            Conflict: others keep writing to it.
            StoreUnavailable: it may be half done; repeat it.
        """
        cause = Cause(command.command_id, command.actor, self._clock())
        return await self._insist(lambda: self._erase_record(command, cause))

    async def erase_address(self, command: EraseAddress) -> Answer:
        """Erase all that says whose an address is or was (see ``erase_record``)."""
        cause = Cause(command.command_id, command.actor, self._clock())
        return await self._insist(lambda: self._erase_address(command.address_key, cause))

    async def note(self, command: NoteErasure) -> Answer:
        """Record that an erasure begins or has ended; once, however often it is said."""
        cause = Cause(command.command_id, command.actor, self._clock())
        return await self._insist(lambda: self._note(command, cause))

    async def _insist(self, attempt: Callable[[], Awaitable[str | None]]) -> Answer:
        for number in range(ATTEMPTS):
            try:
                return Done(position=await attempt())
            except Conflict:
                if number == ATTEMPTS - 1:
                    raise
        raise AssertionError("the loop returns or raises")

    async def _erase_record(self, command: EraseRecord, cause: Cause) -> str | None:
        ref = command.record
        history = await self._log.store.load(subjects.record(ref.type, ref.id))
        if not history:
            return None
        state = record.fold(recorded.event for recorded in history)
        if isinstance(state, Record):
            if command.address is not None:
                return await self._restate(ref, history, command.address, cause)
            # First: once the record is erased, nobody knows which addresses it had.
            for key in addresses.keys_of(state.fields):
                await self._leave_address(ref, key, cause)
        tombstone = _last_fact(history, RecordErased(record=ref), cause)
        return await erase_before(self._log.store, self._eraser, tombstone, history)

    async def _leave_address(self, ref: RecordRef, address: str, cause: Cause) -> None:
        """Release an address that others have too; erase one that was only this record's."""
        key = self._log.identity.address(address)
        subject = subjects.address(key)
        history = await self._log.store.load(subject)
        owners = addresses.address.fold(recorded.event for recorded in history).accounts
        if owners.keys() - {ref}:
            if ref in owners:
                fact = AddressReleased(address=address, owner=ref)
                await self._log.store.append(new_events(subject, history, [fact], cause))
        else:
            await self._erase_address(key, cause)

    async def _erase_address(self, key: str, cause: Cause) -> str | None:
        history = await self._log.store.load(subjects.address(key))
        if not history:
            return None
        tombstone = _last_fact(history, AddressErased(address_key=key), cause)
        return await erase_before(self._log.store, self._eraser, tombstone, history)

    async def _restate(
        self, ref: RecordRef, history: History, address: str, cause: Cause
    ) -> str | None:
        """Say the record anew as it stands, at the time it was created, and erase the old facts."""
        fact = restated(ref, history, address)
        if fact is None:
            return None
        last = history[-1]
        if last.event == fact:
            kept = last.sequence
        else:
            context = Context(
                SOURCE,
                cause.actor,
                history[0].time,
                str(cause.command_id),
                str(cause.command_id),
            )
            event_id = derived_id("record-restated", last.id)
            new = NewEvent(last.subject, fact, event_id, 1, context, last.sequence)
            kept = (await self._log.store.append([new])).sequence
        await self._eraser.erase(last.stream, [r.sequence for r in history if r.sequence < kept])
        return f"{last.stream}:{kept}"

    async def _note(self, command: NoteErasure, cause: Cause) -> str | None:
        subject = subjects.erasure(command.erasure_id)
        history = await self._log.store.load(subject)
        is_open = bool(history) and isinstance(history[-1].event, ErasureStarted)
        if is_open != command.finished:
            return None
        fact: Event = (
            ErasureFinished(erasure_id=command.erasure_id, removed=command.counts)
            if command.finished
            else ErasureStarted(
                erasure_id=command.erasure_id, kind=command.kind, planned=command.counts
            )
        )
        appended = await self._log.store.append(new_events(subject, history, [fact], cause))
        return appended.position


def _last_fact(history: History, fact: Event, cause: Cause) -> NewEvent:
    (new,) = new_events(history[-1].subject, history, [fact], cause)
    return new
