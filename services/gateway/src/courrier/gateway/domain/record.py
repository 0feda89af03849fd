"""Decide what a CRM record says of itself.

A record with an external id has an id that follows from it (``record_id_of``): the broker's
expected sequence keeps external ids unique within their type, so an external id never changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from courrier.events.base import Event, RecordRef, derived_id
from courrier.events.decider import Decider
from courrier.events.families.crm import (
    RecordChanged,
    RecordCreated,
    RecordErased,
    RecordFields,
    RecordRemoved,
    RecordReplaced,
)

from .record_fields import check, patched
from .refusals import InTheWay, NotThere, Unfit, VersionChanged


class RecordExists(InTheWay):
    """The id, or the external id it follows from, is a record's already."""


class RecordMissing(NotThere):
    """There is no such record."""


class RecordMerged(NotThere):
    """Another record, ``existing_id``, stands for it since they were merged."""


class ExternalIdFixed(Unfit):
    """An external id was to change after the record was created."""


@dataclass(frozen=True, slots=True)
class CreateRecord:
    """Make a record."""

    record: RecordRef
    fields: RecordFields


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """Set some fields; ``version`` is the one the caller saw, None for 'whatever it is'.

    What ``custom`` names is set, or taken away by None; the rest of it stays (RFC 7396).
    """

    changes: Mapping[str, object]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveRecord:
    """Take a record away; ``version`` as in ``ChangeRecord``."""

    version: int | None = None


@dataclass(frozen=True, slots=True)
class ReplaceRecord:
    """Let ``by`` stand for the record."""

    by: RecordRef


@dataclass(frozen=True, slots=True)
class NoRecord:
    """Never created, removed, erased, or replaced ``by`` another; ``version`` counts its facts."""

    version: int = 0
    by: RecordRef | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands; ``version`` counts its events from 1."""

    ref: RecordRef
    fields: RecordFields
    version: int


RecordState = NoRecord | Record
RecordCommand = CreateRecord | ChangeRecord | RemoveRecord | ReplaceRecord


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
        RecordMerged: it was merged into another.
        VersionChanged: it is no longer the version that the caller saw.
        Unfit: a field has no place in a record of its type, or the external id would change.
    """
    if isinstance(command, CreateRecord):
        return _create(state, command)
    match command:
        case ChangeRecord():
            return _change(there(state), command)
        case RemoveRecord(version):
            return _remove(there(state), version)
        case ReplaceRecord(by):
            return [RecordReplaced(record=there(state).ref, by=by)]
        case _:
            assert_never(command)


def evolve(state: RecordState, event: Event) -> RecordState:
    """Fold one fact."""
    match event:
        case RecordErased():
            return NoRecord(version=1)
        case RecordRemoved() | RecordReplaced():
            return NoRecord(state.version + 1, getattr(event, "by", None))
        case RecordCreated():
            return Record(event.record, event.fields, state.version + 1)
        case RecordChanged() if isinstance(state, Record):
            return replace(state, fields=event.fields, version=state.version + 1)
        case _:
            return replace(state, version=state.version + 1)


def there(state: RecordState) -> Record:
    """Return the record.

    Raises:
        RecordMissing: there is none.
        RecordMerged: another stands for it.
    """
    if isinstance(state, Record):
        return state
    if state.by is not None:
        raise RecordMerged(
            "this record was merged into another; use that one", existing_id=state.by.id
        )
    raise RecordMissing("there is no such record")


def _create(state: RecordState, command: CreateRecord) -> list[Event]:
    if isinstance(state, Record):
        text = "this record exists already"
        raise RecordExists(text, pointer="/external_id", existing_id=state.ref.id)
    if state.by is not None:
        text = "this record was merged into another; change that one"
        raise RecordExists(text, pointer="/external_id", existing_id=state.by.id)
    fields = check(command.record.type, command.fields)
    return [RecordCreated(record=command.record, fields=fields)]


def _change(state: Record, command: ChangeRecord) -> list[Event]:
    _check_version(state, command.version)
    before = state.fields
    after = check(state.ref.type, patched(before, command.changes))
    changed = tuple(
        name for name in RecordFields.model_fields if getattr(before, name) != getattr(after, name)
    )
    if "external_id" in changed:
        raise ExternalIdFixed(
            "an external id is given when the record is created and stays", pointer="/external_id"
        )
    return [RecordChanged(record=state.ref, fields=after, changed=changed)] if changed else []


def _remove(state: Record, version: int | None) -> list[Event]:
    _check_version(state, version)
    return [RecordRemoved(record=state.ref)]


def _check_version(state: Record, version: int | None) -> None:
    if version not in (None, state.version):
        raise VersionChanged("somebody changed this record since you read it; read it again")


record: Decider[RecordState, RecordCommand, Event] = Decider(NoRecord(), decide, evolve)
