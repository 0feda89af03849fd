"""Which decisions a fact may concern that were taken before it, and what made them change."""

from collections.abc import Iterable
from dataclasses import dataclass

from courrier.events.base import Event, Evidence, RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families.crm import (
    AddressAssigned,
    AddressReleased,
    RecordRemoved,
    RecordReplaced,
    RecordsMerged,
)
from courrier.events.families.email import EmailImported, EmailLinked, EmailReread
from courrier.linker.domain.healing import Addressed, Asked, Named, OfRecords, Themselves
from courrier.linker.domain.words import Party, address_keys, own_keys
from courrier.mail.headers.addresses import match_key


@dataclass(frozen=True, slots=True)
class Cause:
    """The fact, and what the decisions that follow from it say of it."""

    fact: Recorded[Event]
    because: Evidence

    @property
    def decision(self) -> str:
        """Return what all that follows is undone by: a fact that followed hands its own on."""
        if isinstance(self.fact.event, EmailLinked):
            return self.fact.correlation_id or self.fact.id
        return self.fact.id


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for; ``causes`` are numbered as its keys or records are."""

    asked: Asked
    causes: tuple[Cause, ...]


def questions_of(batch: Iterable[Recorded[Event]], subject_keys: dict[str, str]) -> list[Question]:
    """Return what to look for after these facts, in as few questions as there are kinds.

    ``subject_keys`` are those of the e-mails that ``EmailLinked`` and ``EmailImported`` speak of.
    """
    named: list[tuple[int, Cause]] = []
    addressed: list[tuple[int, Cause]] = []
    records: list[tuple[RecordRef, Cause]] = []
    themselves: dict[str, Cause] = {}
    for recorded in batch:
        match recorded.event:
            case EmailImported() | EmailLinked() as fact:
                named += _named(recorded, fact, subject_keys)
            case AddressAssigned(address=address) | AddressReleased(address=address):
                addressed.append(_addressed(recorded, address))
            case EmailReread(email_id=email_id):
                because = Evidence(rule="read-anew")
                themselves[email_id] = Cause(recorded, because)
            case RecordsMerged(record=record, merged=merged):
                gone = [RecordRef(type=record.type, id=each) for each in merged]
                records += _of_records(recorded, gone, "records-merged")
            case RecordReplaced(record=record):
                records += _of_records(recorded, [record], "records-merged")
            case RecordRemoved(record=record):
                records += _of_records(recorded, [record], "record-removed")
            case _:
                continue
    found = [
        Question(Named(tuple(key for key, _ in named)), tuple(cause for _, cause in named)),
        Question(
            Addressed(tuple(key for key, _ in addressed)), tuple(cause for _, cause in addressed)
        ),
        Question(
            OfRecords(tuple(each for each, _ in records)), tuple(cause for _, cause in records)
        ),
        Question(Themselves(tuple(themselves)), tuple(themselves.values())),
    ]
    return [question for question in found if question.causes]


def _named(
    recorded: Recorded[Event], fact: EmailImported | EmailLinked, subject_keys: dict[str, str]
) -> list[tuple[int, Cause]]:
    """Return the keys under which answers name it; a new e-mail without a record changes none."""
    is_new = isinstance(fact, EmailImported)
    if fact.email_id not in subject_keys or (is_new and not any(e.parent for e in fact.links)):
        return []
    rule = "ancestor-came" if is_new else "ancestor-linked"
    because = Evidence(rule=rule, field="email_id", value=fact.email_id)
    cause = Cause(recorded, because)
    return [(key, cause) for key in own_keys(fact.email_id, subject_keys[fact.email_id])]


def _addressed(recorded: Recorded[Event], address: str) -> tuple[int, Cause]:
    is_new = isinstance(recorded.event, AddressAssigned)
    rule = "address-assigned" if is_new else "address-released"
    because = Evidence(rule=rule, field="address", value=address)
    (key,) = address_keys([Party("", match_key(address))])
    return key, Cause(recorded, because)


def _of_records(
    recorded: Recorded[Event], records: Iterable[RecordRef], rule: str
) -> list[tuple[RecordRef, Cause]]:
    return [
        (each, Cause(recorded, Evidence(rule=rule, field=each.type, value=each.id)))
        for each in records
    ]
