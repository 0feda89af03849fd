"""Who may see and do what: the one place that decides it, for objects, lists, history and streams.

Every object has an *audience*: the keys by which somebody may hold a right to it (``all`` of its
type, its assigned user, its teams). Every person has keys by their rights. Whoever has one of the
audience's keys may: the same two sets meet here for one object and in SQL (``&&``) for lists.

Mail is private first. It is its holders' and its author's; readers of a record that it is linked
to read it where a holder's account shares it (see ``mail_access``). Administrators have all
rights to records and settings, and none to private mail.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from courrier.events.families.crm import RecordFields
from courrier.events.families.identity import Level

from .rights import DEFAULTS, Action, Rights, allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who asks, with what their roles and those of their teams add up to."""

    id: str
    login: str
    name: str
    is_admin: bool = False
    language: str = "en"
    time_zone: str = "UTC"
    email_addresses: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()
    rights: Rights = field(default_factory=lambda: DEFAULTS, hash=False)

    @property
    def actor(self) -> str:
        """The person as events name them."""
        return f"user:{self.id}"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a list may show: rows whose audience has one of ``keys``, and the person's own mail."""

    person_id: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkedRecord:
    """A record, or any other object that people own, as far as access goes."""

    type: str
    assigned_user_id: str | None = None
    team_ids: tuple[str, ...] = ()

    @property
    def audience(self) -> tuple[str, ...]:
        """The keys by which people may have a right to it."""
        assigned = [f"{self.type}/user/{self.assigned_user_id}"] if self.assigned_user_id else []
        teams = [f"{self.type}/team/{team_id}" for team_id in self.team_ids]
        return (f"{self.type}/all", *assigned, *teams)


def access_of(record_type: str, fields: RecordFields) -> LinkedRecord:
    """Return what decides who may do what with a record of these fields."""
    return LinkedRecord(record_type, fields.assigned_user_id, fields.team_ids)


def reach(person: Person, action: Action = "read") -> Reach:
    """Return what this person's lists may show; ``may`` says the same of one object."""
    keys = (
        key for name in person.rights for key in _keys(person, name, person.rights, action=action)
    )
    return Reach(person.id, tuple(keys))


def may(person: Person, action: Action, thing: LinkedRecord) -> bool:
    """Tell whether the person may do this with an object."""
    keys = _keys(person, thing.type, person.rights, action=action)
    return not set(keys).isdisjoint(thing.audience)


def may_create(person: Person, object_type: str) -> bool:
    """Tell whether the person may make objects of a type."""
    permission = person.rights.get(object_type)
    return permission is not None and permission.create


def may_read_record(person: Person, record: LinkedRecord) -> bool:
    """Tell whether the person may read a record."""
    return may(person, "read", record)


def may_edit_record(person: Person, record: LinkedRecord) -> bool:
    """Tell whether the person may change a record; who may not read it hears that it is not there.

    The record must be within reach before the change. What it becomes is not asked: whoever may
    edit a record may hand it over.
    """
    return may(person, "edit", record)


def may_delete_record(person: Person, record: LinkedRecord) -> bool:
    """Tell whether the person may delete a record."""
    return may(person, "delete", record)


def may_administer(person: Person) -> bool:
    """Tell whether the person may change settings, people, teams, roles, and read the audit log."""
    return person.is_admin


def may_read_email(
    person: Person, holders: Collection[str], links: Collection[LinkedRecord]
) -> bool:
    """Tell whether the person may read an e-mail with these holders and linked records."""
    return person.id in holders or any(may_read_record(person, record) for record in links)


def may_see_bcc(person: Person, author_id: str) -> bool:
    """Tell whether the person may see whom a message went to in secret."""
    return person.id == author_id


def may_use_account(person: Person, owner_id: str) -> bool:
    """Tell whether the person may see, pause or remove an e-mail account."""
    return person.is_admin or person.id == owner_id


def may_send_from(person: Person, owner_id: str) -> bool:
    """Tell whether the person may write from an e-mail account: only its owner."""
    return person.id == owner_id


def may_import_for(person: Person, holder_id: str) -> bool:
    """Tell whether the person may hand in mail that this holder will have."""
    return person.is_admin or person.id == holder_id


def _keys(person: Person, name: str, rights: Rights, *, action: Action) -> tuple[str, ...]:
    level: Level = allows(rights, name, action)
    if level == "no":
        return ()
    if level == "all":
        return (f"{name}/all",)
    own = (f"{name}/user/{person.id}",)
    return own + tuple(f"{name}/team/{each}" for each in person.team_ids if level == "team")
