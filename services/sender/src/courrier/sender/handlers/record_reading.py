"""Read records from the log, as a template of a machine's answer wants them: a few, when needed."""

from collections.abc import Iterable

from courrier.events import subjects
from courrier.events.base import Event, RecordRef
from courrier.events.families.crm import (
    AddressAssigned,
    AddressErased,
    AddressReleased,
    RecordChanged,
    RecordCreated,
    RecordFields,
)
from courrier.events.families.identity import UserChanged
from courrier.events.families.settings import UserAdded
from courrier.events.identity import Identity
from courrier.events.store import EventStore
from courrier.mail.headers.addresses import match_key
from courrier.mail.templates.records import Entity

PEOPLE = ("contact", "lead", "account")
"""Whose an address is thought to be, where it is several records'."""


class RecordReading:
    """Reads what the log says of a record now."""

    def __init__(self, store: EventStore, identity: Identity) -> None:
        self._store = store
        self._identity = identity

    async def entity(self, ref: RecordRef) -> Entity | None:
        """Return a record with the records that it leads to; None if there is none any more."""
        fields = await self._fields(ref)
        if fields is None:
            return None
        links: dict[str, Entity | None] = {}
        for link, target in _links(fields).items():
            links[link] = await self._alone(target) if target else None
        return Entity(ref.type, dict(fields) | {"id": ref.id}, links)

    async def owner(self, address: str) -> Entity | None:
        """Return the record that an address is of."""
        subject = subjects.address(self._identity.address(match_key(address)))
        owners: set[RecordRef] = set()
        for recorded in await self._store.load(subject):
            match recorded.event:
                case AddressAssigned(owner=owner):
                    owners.add(owner)
                case AddressReleased(owner=owner):
                    owners.discard(owner)
                case AddressErased():
                    owners.clear()
                case _:
                    continue
        known = sorted((o for o in owners if o.type in PEOPLE), key=_rank)
        return await self.entity(known[0]) if known else None

    async def _alone(self, ref: RecordRef) -> Entity | None:
        if ref.type == "user":
            history = await self._store.load(subjects.user(ref.id))
            told = _user(recorded.event for recorded in history)
            return Entity("user", told | {"id": ref.id}) if told else None
        fields = await self._fields(ref)
        return Entity(ref.type, dict(fields) | {"id": ref.id}) if fields else None

    async def _fields(self, ref: RecordRef) -> RecordFields | None:
        history = await self._store.load(subjects.record(ref.type, ref.id))
        last = history[-1].event if history else None
        return last.fields if isinstance(last, RecordCreated | RecordChanged) else None


def _links(fields: RecordFields) -> dict[str, RecordRef | None]:
    named = {
        "account": ("account", fields.account_id),
        "contact": ("contact", next(iter(fields.contact_ids), None)),
        "assigned_user": ("user", fields.assigned_user_id),
    }
    return {
        link: RecordRef(type=kind, id=found) if found else None
        for link, (kind, found) in named.items()
    }


def _user(facts: Iterable[Event]) -> dict[str, object]:
    told: dict[str, object] = {}
    for fact in facts:
        match fact:
            case UserAdded():
                told = {"name": fact.name, "email_addresses": fact.email_addresses}
            case UserChanged():
                fields = fact.fields
                told = {"name": fields.name, "email_addresses": fields.email_addresses}
            case _:
                continue
    return told


def _rank(ref: RecordRef) -> tuple[int, str]:
    return PEOPLE.index(ref.type), ref.id
