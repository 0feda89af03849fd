"""Fill a template with real records, as whoever uses it may read them.

``/templates:preview`` and drafts that begin from a template come through here. Records, later wins:
oneself as ``User``; whoever has the address (contact, lead, user, account) as their type and as
``Person``; the record that is written about as its type and as ``Parent``; its account and contact
as ``Account`` and ``Contact``. Where nobody is ``Person`` yet: that record if it is a contact or a
lead, else its contact, else the account that it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from courrier.events.base import RecordRef
from courrier.events.families.configuration import TemplateFields
from courrier.gateway.domain.access import Person, may_read_record, reach
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.template_words import link_ids, wanted_links
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import people, records, users
from courrier.gateway.projections.records import RecordRow
from courrier.mail.headers.addresses import match_key
from courrier.mail.templates.moments import Moment
from courrier.mail.templates.placeholders import Placeholder
from courrier.mail.templates.records import KNOWN_TYPES, Entity, values_of
from courrier.mail.templates.template import FilledTemplate, Template, asked_by, fill


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a message is about: ``record``, its parent; whom it is to, ``person`` or ``address``."""

    record: RecordRef | None = None
    person: RecordRef | None = None
    address: str | None = None


def template_of(fields: TemplateFields) -> Template:
    """Return what is written in a template."""
    return Template(fields.subject, fields.html, fields.text)


async def filled(
    gateway: Gateway, person: Person, template: Template, about: About
) -> FilledTemplate:
    """Return a template with what the person may read.

    Raises:
        Unfit: a record that is named is not there, or not for them.
    """
    asked = asked_by(template, KNOWN_TYPES)
    entities = await _Reading(gateway, person, wanted_links(asked)).entities(about)
    zone = ZoneInfo(person.time_zone)
    return fill(template, values_of(entities, Moment(datetime.now(UTC), zone, person.language)))


def placeholders_in(subject: str, html: str | None, text: str | None) -> Sequence[Placeholder]:
    """Return the placeholders that stand in a message that began from a template."""
    return asked_by(Template(subject, html, text), KNOWN_TYPES)


class _Reading:
    """Reads records for one person, each once."""

    def __init__(self, gateway: Gateway, person: Person, links: frozenset[str]) -> None:
        self._gateway = gateway
        self._person = person
        self._links = links
        self._known: dict[RecordRef, Entity | None] = {}
        self._rows: dict[RecordRef, RecordRow] = {}

    async def entities(self, about: About) -> dict[str, Entity]:
        """Return the record behind each root.

        Raises:
            Unfit: a record that is named is not there, or not for the person.
        """
        me = RecordRef(type="user", id=self._person.id)
        found: dict[str, Entity | None] = {"User": await self._entity(me)}
        whom = await self._whom(about)
        if whom is not None:
            found.setdefault(whom.kind.capitalize(), whom)
            found["Person"] = whom
        if about.record is not None:
            parent = await self._named(about.record, "/record")
            found |= {parent.kind.capitalize(): parent, "Parent": parent}
            found.setdefault("Person", _person_of(parent))
            for link in ("account", "contact"):
                found.setdefault(link.capitalize(), parent.links.get(link))
        return {root: entity for root, entity in found.items() if entity is not None}

    async def _whom(self, about: About) -> Entity | None:
        if about.person is not None:
            return await self._named(about.person, "/person")
        if about.address is None:
            return None
        behind = await people.behind(self._gateway.pool, [about.address], reach(self._person))
        who = behind.get(match_key(about.address))
        return await self._linked(RecordRef(type=who.type, id=who.id)) if who else None

    async def _named(self, ref: RecordRef, pointer: str) -> Entity:
        entity = await self._linked(ref)
        if entity is None:
            raise Unfit("there is no such record, or none that you may read", pointer=pointer)
        return entity

    async def _linked(self, ref: RecordRef) -> Entity | None:
        """Return a record with those of its links that the template follows."""
        entity = await self._entity(ref)
        row = self._rows.get(ref)
        if entity is None or row is None:
            return entity
        links: dict[str, Entity | None] = {}
        for link, target in link_ids(ref, row.fields).items():
            if link in self._links:
                linked = await self._entity(target) if target else None
                if target is None or linked is not None:
                    links[link] = linked
        return Entity(entity.kind, entity.fields, links)

    async def _entity(self, ref: RecordRef) -> Entity | None:
        if ref not in self._known:
            self._known[ref] = await self._read(ref)
        return self._known[ref]

    async def _read(self, ref: RecordRef) -> Entity | None:
        if ref.type == "user":
            user = await users.user_by_id(self._gateway.pool, ref.id)
            told = user and user.fields.model_dump(include={"name", "email_addresses"})
            return Entity("user", told | {"id": ref.id}) if told else None
        row = await records.record_by_id(self._gateway.pool, ref)
        if row is None or not may_read_record(self._person, row.access):
            return None
        self._rows[ref] = row
        return Entity(ref.type, dict(row.fields) | {"id": ref.id})


def _person_of(parent: Entity) -> Entity | None:
    """Return the person whom a record is about, as far as it tells."""
    if parent.kind in {"contact", "lead"}:
        return parent
    return parent.links.get("contact") or (parent if parent.kind == "account" else None)
