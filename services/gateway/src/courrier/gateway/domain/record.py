"""Decide what a CRM record says of itself.

A record with an external id has an id that follows from it (``record_id_of``): the broker's
expected sequence keeps external ids unique within their type, so an external id never changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from courrier.events.base import Event, RecordRef, derived_id
from courrier.events.decider import Decider
from courrier.events.families.crm import RecordChanged, RecordCreated, RecordErased, RecordFields

from .refusals import InTheWay, NotThere, Unfit, VersionChanged


class RecordExists(InTheWay):
    """The id, or the external id it follows from, is a record's already."""


class RecordMissing(NotThere):
    """There is no such record."""


class ExternalIdFixed(Unfit):
    """An external id was to change after the record was created."""


@dataclass(frozen=True, slots=True)
class CreateRecord:
    """Make a record."""

    record: RecordRef
    fields: RecordFields


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """Set some fields; ``version`` is the one the caller saw, None for 'whatever it is'."""

    changes: Mapping[str, object]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class NoRecord:
    """Never created, or erased; ``version`` counts the facts that say so."""

    version: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands; ``version`` counts its events from 1."""

    ref: RecordRef
    fields: RecordFields
    version: int


RecordState = NoRecord | Record
RecordCommand = CreateRecord | ChangeRecord


def record_id_of(record_type: str, external_id: str) -> str:
    """Return the id of the record that another system knows as ``external_id``."""
    return derived_id("record", record_type, external_id).hex


def display_name(fields: RecordFields) -> str:
    """Return what people call the record: its name, else first and last name; may be empty."""
    return fields.name or " ".join(filter(None, (fields.first_name, fields.last_name)))


def decide(state: RecordState, command: RecordCommand) -> list[Event]:
    """Return the new facts; a change that changes nothing gives none.

    Raises:
        RecordExists: the record to create is there already.
        RecordMissing: the record to change is not there.
        VersionChanged: it is no longer the version that the caller saw.
        ExternalIdFixed: the change names another external id.
    """
    match command:
        case CreateRecord():
            return _create(state, command)
        case ChangeRecord():
            return _change(state, command)
        case _:
            assert_never(command)


def evolve(state: RecordState, event: Event) -> RecordState:
    """Fold one fact."""
    match event:
        case RecordErased():
            return NoRecord(version=1)
        case RecordCreated():
            version = state.version if isinstance(state, NoRecord) else 0
            return Record(event.record, event.fields, version + 1)
        case RecordChanged() if isinstance(state, Record):
            return replace(state, fields=event.fields, version=state.version + 1)
        case _:
            return state


def _create(state: RecordState, command: CreateRecord) -> list[Event]:
    if isinstance(state, Record):
        text = "this record exists already"
        raise RecordExists(text, pointer="/external_id", existing_id=state.ref.id)
    return [RecordCreated(record=command.record, fields=command.fields)]


def _change(state: RecordState, command: ChangeRecord) -> list[Event]:
    if isinstance(state, NoRecord):
        raise RecordMissing("there is no such record")
    if command.version not in (None, state.version):
        raise VersionChanged("somebody changed this record since you read it; read it again")
    before = state.fields
    changed = tuple(name for name, new in command.changes.items() if getattr(before, name) != new)
    if "external_id" in changed:
        raise ExternalIdFixed(
            "an external id is given when the record is created and stays", pointer="/external_id"
        )
    if not changed:
        return []
    after = before.model_copy(update={name: command.changes[name] for name in changed})
    return [RecordChanged(record=state.ref, fields=after, changed=changed)]


record: Decider[RecordState, RecordCommand, Event] = Decider(NoRecord(), decide, evolve)
