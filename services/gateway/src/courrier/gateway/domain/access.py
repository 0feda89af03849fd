"""Who may read what: the one place that decides it, for objects, lists, history and the stream.

Until there are roles: administrators read every record, others those assigned to them. An e-mail
is read by its holders and by the readers of a record it is linked to; mail that is linked to
nothing is its holders' alone, administrators included.
"""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who asks."""

    id: str
    login: str
    name: str
    is_admin: bool = False
    language: str = "en"
    email_addresses: tuple[str, ...] = ()

    @property
    def actor(self) -> str:
        """The person as events name them."""
        return f"user:{self.id}"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a list may show: the person's own things, and ``every_record`` or the assigned ones."""

    person_id: str
    every_record: bool


@dataclass(frozen=True, slots=True)
class LinkedRecord:
    """A record that an e-mail is linked to, as far as access goes."""

    assigned_user_id: str | None


def reach(person: Person) -> Reach:
    """Return what this person's lists may show; ``may_read_record`` says the same of one record."""
    return Reach(person.id, every_record=person.is_admin)


def may_read_record(person: Person, record: LinkedRecord) -> bool:
    """Tell whether the person may read a record."""
    return reach(person).every_record or record.assigned_user_id == person.id


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
