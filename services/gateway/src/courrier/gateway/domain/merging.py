"""What becomes of records that are one: one of them keeps its id and stands for the others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from courrier.events.base import Event, RecordRef
from courrier.events.decider import Decider
from courrier.events.families.crm import RecordFields, RecordsMerged
from courrier.mail.headers.addresses import match_key

MOST_AT_ONCE = 20

_JOINED = ("email_addresses", "opted_out", "invalid", "contact_ids", "team_ids", "files")
_ITS_OWN = ("external_id", "number", "email_id")
"""Say where a record is from: another's would be wrong."""
_REFERENCES = ("account_id", "lead_id")


@dataclass(frozen=True, slots=True)
class StandFor:
    """Let the record stand for these ids, and for all that they stood for."""

    record: RecordRef
    ids: tuple[str, ...]


Stood = tuple[str, ...]


def decide(known: Stood, command: StandFor) -> list[Event]:
    """Return which ids are new to it."""
    new = tuple(dict.fromkeys(each for each in command.ids if each not in known))
    return [RecordsMerged(record=command.record, merged=new)] if new else []


def evolve(known: Stood, event: Event) -> Stood:
    """Return all that the record stands for."""
    return (*known, *event.merged) if isinstance(event, RecordsMerged) else known


merge: Decider[Stood, StandFor, Event] = Decider((), decide, evolve)


def merged_fields(
    kept: RecordFields, others: Sequence[RecordFields], gone: Collection[str]
) -> RecordFields:
    """Return the fields of the record that stays: its own first, then the others', in order.

    ``gone`` are the ids of the others: it does not refer to what it has become itself.
    """
    return reduce(lambda one, other: _joined(one, other, gone), others, kept)


def relinked(
    fields: RecordFields, gone: Collection[str], to: RecordRef, *, is_there: bool
) -> dict[str, object]:
    """Return the changes by which a record names ``to`` instead of the ids that are gone.

    Where ``to`` is not there any more either, it names nothing.
    """
    changes: dict[str, object] = {}
    for name in _REFERENCES:
        if name == f"{to.type}_id" and getattr(fields, name) in gone:
            changes[name] = to.id if is_there else None
    if to.type == "contact" and not set(fields.contact_ids).isdisjoint(gone):
        kept = (to.id if each in gone else each for each in fields.contact_ids)
        once = dict.fromkeys(each for each in kept if is_there or each != to.id)
        changes["contact_ids"] = tuple(once)
    parent = fields.parent
    if parent and parent.type == to.type and parent.id in gone:
        changes["parent"] = to if is_there else None
    return changes


def _joined(one: RecordFields, other: RecordFields, gone: Collection[str]) -> RecordFields:
    update: dict[str, object] = {}
    for name in RecordFields.model_fields:
        mine, theirs = getattr(one, name), getattr(other, name)
        if name in _JOINED:
            update[name] = _once(name, (*mine, *theirs), gone)
        elif name == "custom":
            update[name] = _under(mine, theirs)
        elif name not in _ITS_OWN and mine is None and theirs not in gone:
            update[name] = theirs
    return one.model_copy(update=update)


def _once(name: str, values: Sequence[object], gone: Collection[str]) -> tuple[object, ...]:
    by_address = name in {"email_addresses", "opted_out", "invalid"}
    first: dict[object, object] = {}
    for value in values:
        key = match_key(str(value)) if by_address else str(value)
        if name != "contact_ids" or value not in gone:
            first.setdefault(key, value)
    return tuple(first.values())


def _under(mine: Mapping[str, object], theirs: Mapping[str, object]) -> dict[str, object]:
    """Return an object with what another has beside it; objects within are joined alike."""
    result = dict(mine)
    for name, value in theirs.items():
        own = result.setdefault(name, value)
        if isinstance(own, Mapping) and isinstance(value, Mapping):
            result[name] = _under(own, value)
    return result
