"""Who may see and do what: the one place that decides it, for objects, lists, history and streams.

Every object has an *audience*: the keys by which somebody may hold a right to it (``all`` of its
type, its assigned user, its teams). Every person has keys by their rights. Whoever has one of the
audience's keys may: the same two sets meet here for one object and in SQL (``&&``) for lists.

Mail is private first. It is its holders' and its author's; readers of a record that it is linked
to read it where a holder's account shares it (``sight``). Administrators have all
rights to records and settings, and none to private mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from courrier.events.families.crm import RecordFields
from courrier.events.families.identity import Level
from courrier.events.families.settings import Privacy

from .rights import DEFAULTS, Action, Rights, allows

Sight = Literal["none", "trace", "full"]
"""How much is seen of an e-mail; ``trace`` is date, people and holders."""
SIGHTS: tuple[Sight, ...] = ("none", "trace", "full")
SIGHT_OF: Mapping[Privacy, Sight] = {"private": "none", "trace": "trace", "shared": "full"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who asks, with what their roles and those of their teams add up to.

    With ``must_enrol`` they do nothing before they have set up a second factor.
    """

    id: str
    login: str
    name: str
    is_admin: bool = False
    language: str = "en"
    time_zone: str = "UTC"
    email_addresses: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()
    has_totp: bool = False
    must_enrol: bool = False
    rights: Rights = field(default_factory=lambda: DEFAULTS, hash=False)

    @property
    def actor(self) -> str:
        """The person as events name them."""
        return f"user:{self.id}"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a list may show: rows whose audience has one of ``keys``, and the person's own mail.

    Theirs is also what the teams of ``team_ids`` hold.
    """

    person_id: str
    keys: tuple[str, ...]
    team_ids: tuple[str, ...] = ()

    @property
    def holder_ids(self) -> tuple[str, ...]:
        """Whose mail is theirs."""
        return (self.person_id, *self.team_ids)


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


@dataclass(frozen=True, slots=True)
class Copy:
    """One holder's copy of an e-mail, what the account it came by allows, the holder's teams.

    The holder is a person, or a team whose members all have it.
    """

    holder_id: str
    privacy: Privacy = "shared"
    team_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """An e-mail as far as access goes.

    ``is_private`` holds for what was marked so and for mail among ourselves; ``opened_by`` are
    the administrators who gave a reason not long ago.
    """

    copies: tuple[Copy, ...] = ()
    author_id: str | None = None
    links: tuple[LinkedRecord, ...] = ()
    is_private: bool = False
    opened_by: frozenset[str] = frozenset()


def access_of(record_type: str, fields: RecordFields) -> LinkedRecord:
    """Return what decides who may do what with a record of these fields."""
    return LinkedRecord(record_type, fields.assigned_user_id, fields.team_ids)


def reach(person: Person, action: Action = "read") -> Reach:
    """Return what this person's lists may show; ``may`` says the same of one object."""
    keys = (
        key for name in person.rights for key in _keys(person, name, person.rights, action=action)
    )
    return Reach(person.id, tuple(keys), person.team_ids)


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


def may_administer(person: Person) -> bool:
    """Tell whether the person may change settings, people, teams, roles, and read the audit log."""
    return person.is_admin


def sight(person: Person, mail: Mail) -> Sight:
    """Return how much of an e-mail the person may see.

    All of it: its author, its holders, and an administrator who opened it and said why. Readers of
    a record that it is linked to, within their right to e-mails: what its holders' accounts allow,
    the most open copy deciding; nothing of what is private.
    """
    level = allows(person.rights, "email", "read")
    if level == "no":
        return "none"
    if has_part_in(person, mail) or person.id in mail.opened_by:
        return "full"
    if mail.is_private or not any(may_read_record(person, record) for record in mail.links):
        return "none"
    found = (_by_copy(person, level, copy) for copy in mail.copies)
    return max(found, key=SIGHTS.index, default="none")


def may_read_email(person: Person, mail: Mail) -> bool:
    """Tell whether the person may read an e-mail."""
    return sight(person, mail) == "full"


def may_know_holder(person: Person, mail: Mail, holder_id: str) -> bool:
    """Tell whether the person, who sees the e-mail, may know that this holder has it.

    Holders and author know each other; for readers of a record a private copy is not there.
    """
    open_copies = {copy.holder_id for copy in mail.copies if copy.privacy != "private"}
    is_among_them = has_part_in(person, mail) or person.id in mail.opened_by
    return is_among_them or holder_id in open_copies


def has_part_in(person: Person, mail: Mail) -> bool:
    """Tell whether the person wrote an e-mail, or holds it, or a team of theirs does."""
    theirs = {person.id, *person.team_ids}
    return person.id == mail.author_id or any(copy.holder_id in theirs for copy in mail.copies)


def may_use_mail(person: Person) -> bool:
    """Tell whether the person has anything to do with e-mails at all."""
    return allows(person.rights, "email", "read") != "no"


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


def _by_copy(person: Person, level: Level, copy: Copy) -> Sight:
    is_near = level == "all" or (level == "team" and set(copy.team_ids) & set(person.team_ids))
    return SIGHT_OF[copy.privacy] if is_near else "none"


def _keys(person: Person, name: str, rights: Rights, *, action: Action) -> tuple[str, ...]:
    level: Level = allows(rights, name, action)
    if level == "no":
        return ()
    if level == "all":
        return (f"{name}/all",)
    own = (f"{name}/user/{person.id}",)
    return own + tuple(f"{name}/team/{each}" for each in person.team_ids if level == "team")
