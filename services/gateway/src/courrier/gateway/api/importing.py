"""The job behind ``/imports``: each row of a table is a line of an upsert."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from courrier.events.base import RecordRef, derived_id
from courrier.events.families.crm import RecordFields
from courrier.gateway.adapters import imports
from courrier.gateway.adapters.imports import Import
from courrier.gateway.adapters.job_runner import JobFailed, RunningJob, Work
from courrier.gateway.domain.access import Person, may_create, reach
from courrier.gateway.domain.csv_files import Row, rows_of
from courrier.gateway.domain.csv_mapping import column_of, said_by
from courrier.gateway.domain.duplicates import likeness_of
from courrier.gateway.domain.record import record_id_of
from courrier.gateway.domain.record_fields import patched
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.handlers.upserting import AT_ONCE, Line, Outcome, Upserting
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import duplicates, record_addresses, users
from courrier.mail.headers.addresses import match_key

from .problems import fault_of
from .record_bulk import OUTCOMES, rules
from .record_shapes import RecordBody
from .records import log_of

IMPORT = "import-records"
MOST_SHOWN = 1000
"""Rows that are named by number, of each outcome."""
MOST_ALIKE = 100
"""Rows of a dry run whose possible duplicates are named."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table, how its columns are meant, and how its rows find their records."""

    gateway: Gateway
    found: Import
    mapping: Mapping[str, str]
    by_email: bool
    person: Person

    def body_of(self, row: Row) -> RecordBody:
        """Return what a row says.

        Raises:
            ValidationError: a cell cannot be used.
        """
        return RecordBody.model_validate(
            said_by(self.found.shape.columns, row.values, self.mapping)
        )

    async def lines(
        self, bodies: Sequence[tuple[int, RecordBody]]
    ) -> tuple[list[Line], list[Outcome]]:
        """Return which record each row is about; refuse those that might be several."""
        owners = await self._owners([body for _, body in bodies])
        lines, refused = [], []
        for number, body in bodies:
            known = owners.get(_key(body), set()) if body.external_id is None else set[str]()
            if len(known) > 1:
                detail = "several records have this address"
                refused.append(Outcome(number, "refused", None, "/email_addresses", detail))
            else:
                record_id = self._record_id(number, body, next(iter(known), None))
                ref = RecordRef(type=self.found.record_type, id=record_id)
                lines.append(Line(number, ref, body.given()))
        return lines, refused

    def _record_id(self, number: int, body: RecordBody, known: str | None) -> str:
        if body.external_id is not None:
            return record_id_of(self.found.record_type, body.external_id)
        if known:
            return known
        # Two new rows with one address are one record, where addresses tell records apart.
        own = _key(body) if self.by_email else None
        return derived_id("imported", self.found.id, own or str(number)).hex

    async def _owners(self, bodies: Sequence[RecordBody]) -> dict[str, set[str]]:
        if not self.by_email:
            return {}
        keys = [key for body in bodies if (key := _key(body))]
        return await record_addresses.owners_of(self.gateway.pool, self.found.record_type, keys)


def importing(gateway: Gateway) -> Work:
    """Return what does the job, for the one who asked for it."""

    async def work(running: RunningJob) -> Mapping[str, Any]:
        job = running.job
        order = job.order
        person = await users.person_by_id(gateway.pool, job.user_id)
        found = await imports.find(gateway.pool, job.user_id, str(order["import_id"]))
        data = await imports.file_of(gateway.pool, job.user_id, str(order["import_id"]))
        if found is None or data is None:
            raise JobFailed("this table is forgotten; hand it in again")
        if person is None or not may_create(person, found.record_type):
            raise JobFailed("you may not create records of this type")
        cause = Cause(UUID(job.id), person.actor, job.created_at)
        may = rules(person, found.record_type)
        upsert = Upserting(log_of(gateway), cause, may, dry=order_is_dry(running))
        by_email = order["match_by"] == "email"
        table = _Table(gateway, found, order["mapping"], by_email, person)
        result = await _run(running, upsert, table, data)
        if not order["dry"]:
            await imports.spend(gateway.pool, job.user_id, found.id)
        return result

    return work


async def _run(
    running: RunningJob, upsert: Upserting, table: _Table, data: bytes
) -> Mapping[str, Any]:
    counts: Counter[str] = Counter()
    shown: dict[str, list[int]] = {"created": [], "updated": []}
    alike: list[dict[str, Any]] = []
    rows = await asyncio.to_thread(lambda: list(rows_of(data, table.found.shape)))
    for start in range(0, len(rows), AT_ONCE):
        outcomes, lines = await _take(upsert, table, rows[start : start + AT_ONCE])
        if order_is_dry(running) and len(alike) < MOST_ALIKE:
            alike += await _alike(table, outcomes, lines)
        counts.update(each.outcome for each in outcomes)
        for each in outcomes:
            if each.outcome in shown and len(shown[each.outcome]) < MOST_SHOWN:
                shown[each.outcome].append(each.line)
        faults = [_fault(each, table.mapping) for each in outcomes if each.outcome == "refused"]
        await running.say(start + len(outcomes), total=len(rows), errors=faults)
    result = {name: counts[name] for name in OUTCOMES} | {"rows": shown}
    return result | ({"duplicates": alike[:MOST_ALIKE]} if order_is_dry(running) else {})


def order_is_dry(running: RunningJob) -> bool:
    """Tell whether the job only tries."""
    return bool(running.job.order["dry"])


async def _alike(
    table: _Table, outcomes: Sequence[Outcome], lines: Sequence[Line]
) -> list[dict[str, Any]]:
    """Return which rows would make a record that may be there already: ids, no names."""
    new = {each.line for each in outcomes if each.outcome == "created"}
    likes = {
        line.number: (line.record.id, like)
        for line in lines
        if line.number in new
        and (like := likeness_of(line.record.type, patched(RecordFields(), line.changes)))
    }
    pool, record_type = table.gateway.pool, table.found.record_type
    found = await duplicates.candidates_of_many(pool, record_type, likes, reach(table.person))
    return [
        {
            "line": number,
            "candidates": [
                {"type": each.type, "id": each.id, "because": list(each.because)} for each in some
            ],
        }
        for number, some in found.items()
    ]


async def _take(
    upsert: Upserting, table: _Table, rows: Sequence[Row]
) -> tuple[list[Outcome], list[Line]]:
    bodies: list[tuple[int, RecordBody]] = []
    found: list[Outcome] = []
    for row in rows:
        try:
            bodies.append((row.number, table.body_of(row)))
        except ValidationError as error:
            pointer, detail = fault_of(error.errors(include_input=False, include_url=False)[0])
            found.append(Outcome(row.number, "refused", None, pointer, detail))
    lines, refused = await table.lines(bodies)
    found += refused
    found += await upsert.take(lines)
    return sorted(found, key=lambda outcome: outcome.line), lines


def _fault(outcome: Outcome, mapping: Mapping[str, str]) -> dict[str, Any]:
    column = column_of(outcome.pointer, mapping)
    shown = {"line": outcome.line, "column": column, "pointer": outcome.pointer}
    known = {name: value for name, value in shown.items() if value is not None}
    return known | {"detail": outcome.detail}


def _key(body: RecordBody) -> str:
    return match_key(body.email_addresses[0]) if body.email_addresses else ""
