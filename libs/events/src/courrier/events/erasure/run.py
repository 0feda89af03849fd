"""Carry an erasure out: outside copies first, then the log's owners by command, until none is left.

Copies that only the log leads to (archive, blobs) go before the events: interrupted at any line,
the same order finds the rest by searching again, and nothing stays behind that nothing leads to.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import structlog
from nats.aio.client import Client

from courrier.events.archive.blob_copies import erase_blobs
from courrier.events.archive.kept import Archive
from courrier.events.base import Command
from courrier.events.blobs import Blobs, BlobShelf
from courrier.events.bus import CommandBus, NoAnswer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.erasing import (
    ERASE_AT_ONCE,
    EraseAddress,
    EraseEmail,
    EraseOutbound,
    EraseReceived,
    EraseRecord,
    NoteErasure,
)
from courrier.events.erasure.plan import Plan, Target
from courrier.events.erasure.scan import find
from courrier.events.identity import Identity

ROUNDS = 6
"""Searches in a row that may find something new: copies that were on their way."""
ASK_TRIES = 5
ASK_WAIT_S = 1.0
OUTSIDE = "outside"
"""The step in which archive and blobs are erased, as progress tells it."""

Progress = Callable[[str, int], None]

log = structlog.get_logger(__name__)


class NotFinished(RuntimeError):
    """Something is left; the text says what, and giving the order again goes on with it."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Where things are erased; ``archive`` None: there is none, or it is not known here."""

    client: Client
    bus: CommandBus
    blobs: Blobs
    shelf: BlobShelf
    archive: Archive | None = None


@dataclass(slots=True)
class Outcome:
    """What was removed, by kind, and the last position that views have to reach, by stream."""

    removed: dict[str, int] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    mentions: int = 0

    def add(self, counts: dict[str, int]) -> None:
        """Add what one round removed."""
        for kind, count in counts.items():
            self.removed[kind] = self.removed.get(kind, 0) + count

    def reached(self, position: str | None) -> None:
        """Note where a fact stands that views have to take in."""
        if position:
            stream, _, sequence = position.partition(":")
            self.positions[stream] = max(self.positions.get(stream, 0), int(sequence))


class Erasure:
    """One target's erasure; ``actor`` ordered it."""

    def __init__(
        self,
        stores: Stores,
        identity: Identity,
        target: Target,
        *,
        actor: str,
        with_records: bool = True,
    ) -> None:
        self._stores = stores
        self._target = target
        self._actor = actor
        self._with_records = with_records
        is_address = target.is_address
        self._id = identity.address(target.key) if is_address else target.text
        self._outcome = Outcome()

    async def plan(self) -> Plan:
        """Look what there is to erase (see ``scan.find``)."""
        stores = self._stores
        return await find(
            stores.client, stores.blobs, self._target, with_records=self._with_records
        )

    async def run(self, plan: Plan, progress: Progress = lambda *_: None) -> Outcome:
        """Erase what the plan says and whatever came meanwhile; safe to repeat at any time.

        Raises:
            NotFinished: a message is being sent, a service does not answer, or mail of the
                target keeps coming.
            StoreUnavailable: a store did not answer; what is done is done.
        """
        await self._note(plan.counts, finished=False)
        for _ in range(ROUNDS):
            self._outcome.mentions = plan.mentions
            if plan.is_empty:
                await self._note(self._outcome.removed, finished=True)
                return self._outcome
            await self._round(plan, progress)
            self._outcome.add(plan.counts)
            if self._outcome.refused:
                raise NotFinished("; ".join(self._outcome.refused))
            plan = await self.plan()
        raise NotFinished(f"mail of {self._target.text} kept coming: erase it again")

    async def _round(self, plan: Plan, progress: Progress) -> None:
        await self._erase_outside(plan)
        progress(OUTSIDE, len(plan.blobs))
        keys = list(plan.refusals)
        for email_id in plan.emails:
            order = EraseEmail(command_id=uuid4(), email_id=email_id, actor=self._actor)
            if done := await self._ask(order):
                keys += [done.id] if done.id else []
            progress("emails", 1)
        for email_id in plan.outbound:
            await self._ask(EraseOutbound(command_id=uuid4(), email_id=email_id, actor=self._actor))
            progress("outbound", 1)
        await self._erase_received(plan.received, keys, progress)
        await self._erase_records(plan)

    async def _erase_outside(self, plan: Plan) -> None:
        archive = self._stores.archive
        if archive is not None:
            for stream, sequences in plan.sequences.items():
                await archive.erase(stream, sequences)
            await erase_blobs(archive.store, list(plan.blobs))
        await self._stores.shelf.erase(plan.blobs)

    async def _erase_received(
        self, sequences: Sequence[int], keys: Sequence[str], progress: Progress
    ) -> None:
        for start in range(0, max(len(sequences), len(keys)), ERASE_AT_ONCE):
            end = start + ERASE_AT_ONCE
            order = EraseReceived(
                command_id=uuid4(),
                sequences=tuple(sequences[start:end]),
                message_keys=tuple(keys[start:end]),
                actor=self._actor,
            )
            await self._ask(order)
            progress("received", len(order.sequences))

    async def _erase_records(self, plan: Plan) -> None:
        for record, is_whole in plan.records:
            address = None if is_whole else self._target.text
            order = EraseRecord(
                command_id=uuid4(), record=record, address=address, actor=self._actor
            )
            await self._ask(order)
        for key in plan.addresses:
            await self._ask(EraseAddress(command_id=uuid4(), address_key=key, actor=self._actor))

    async def _note(self, counts: dict[str, int], *, finished: bool) -> None:
        order = NoteErasure(
            command_id=uuid4(),
            erasure_id=self._id,
            kind="address" if self._target.is_address else "email",
            counts=counts,
            finished=finished,
            actor=self._actor,
        )
        await self._ask(order)

    async def _ask(self, order: Command) -> Done | None:
        """Give an order until it is answered; a refusal is kept for the end."""
        for attempt in range(ASK_TRIES):
            try:
                answer = await self._stores.bus.ask(order)
            except NoAnswer as error:
                if attempt == ASK_TRIES - 1:
                    raise NotFinished(f"{error}: start it and erase again") from error
                await asyncio.sleep(ASK_WAIT_S)
                continue
            if isinstance(answer, Done):
                self._outcome.reached(answer.position)
                return answer
            if isinstance(answer, Refused):
                self._outcome.refused.append(answer.text)
            return None
        raise AssertionError("the loop returns or raises")
