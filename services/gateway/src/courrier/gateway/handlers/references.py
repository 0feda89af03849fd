"""Whether what a record refers to is there: looked up on the log, many at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from courrier.events import subjects
from courrier.events.base import Event, RecordRef
from courrier.events.families.crm import (
    RecordErased,
    RecordFields,
    RecordRemoved,
    RecordReplaced,
)
from courrier.events.families.identity import TeamRemoved
from courrier.events.store import EventStore
from courrier.gateway.domain.refusals import Unfit


@dataclass(frozen=True, slots=True)
class Reference:
    """What stands at ``pointer`` of a record names what is on ``subject``."""

    pointer: str
    subject: str
    what: str


def references_of(fields: RecordFields, names: Iterable[str]) -> list[Reference]:
    """Return what these fields of a record refer to."""
    wanted = set(names)
    found = [
        *_record("/account_id", "account", fields.account_id),
        *_record("/lead_id", "lead", fields.lead_id),
        *_parent(fields.parent),
        *_user(fields.assigned_user_id),
    ]
    for place, team_id in enumerate(fields.team_ids):
        found.append(Reference(f"/team_ids/{place}", subjects.team(team_id), "team"))
    for place, contact_id in enumerate(fields.contact_ids):
        found += _record(f"/contact_ids/{place}", "contact", contact_id)
    return [each for each in found if each.pointer.split("/")[1] in wanted]


async def missing(store: EventStore, references: Iterable[Reference]) -> Mapping[str, str]:
    """Return why each of these subjects cannot be referred to; those that can are left out.

    Raises:
        StoreUnavailable: the log did not answer.
    """
    by_stream: dict[str, dict[str, str]] = {}
    for each in references:
        by_stream.setdefault(subjects.stream_of(each.subject), {})[each.subject] = each.what
    found: dict[str, str] = {}
    for wanted in by_stream.values():
        latest = await store.last(list(wanted))
        for subject, what in wanted.items():
            fault = _fault(latest[subject].event if subject in latest else None, what)
            if fault:
                found[subject] = fault
    return found


async def check_references(store: EventStore, fields: RecordFields, names: Iterable[str]) -> None:
    """Check what these fields refer to.

    Raises:
        Unfit: something is not there; the pointer says which.
    """
    references = references_of(fields, names)
    faults = await missing(store, references) if references else {}
    for each in references:
        if each.subject in faults:
            raise Unfit(faults[each.subject], pointer=each.pointer)


def _fault(last: Event | None, what: str) -> str | None:
    match last:
        case RecordReplaced(by=by):
            return f"this {what} was merged into {by.id}"
        case None | RecordErased() | RecordRemoved() | TeamRemoved():
            return f"there is no {what} with this id"
        case _:
            return None


def _record(pointer: str, kind: str, record_id: str | None) -> list[Reference]:
    return [Reference(pointer, subjects.record(kind, record_id), kind)] if record_id else []


def _parent(parent: RecordRef | None) -> list[Reference]:
    return _record("/parent", parent.type, parent.id) if parent else []


def _user(user_id: str | None) -> list[Reference]:
    return [Reference("/assigned_user_id", subjects.user(user_id), "user")] if user_id else []
