"""The CRM's records and who owns which address (stream ``CRM``, written by the gateway only).

``crm.<p>.<record type>.<id>``; ``crm.<p>.address.<keyed hash>`` is a fact of its own, because
the linker lives on it. ``crm.<p>.counter.case`` gives cases their numbers, ``crm.<p>.desk.<group
account>`` says whose turn it was, ``crm.<p>.merge.<id>`` what a record stands for.
"""

from datetime import date
from typing import Any, ClassVar

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from courrier.events.base import Event, Evidence, RecordRef, UtcTime, Value

RECORD_TYPES = ("account", "contact", "lead", "opportunity", "case", "task")

ALWAYS_WRITTEN = (
    "name",
    "first_name",
    "last_name",
    "email_addresses",
    "account_id",
    "contact_ids",
    "status",
    "stage",
    "assigned_user_id",
    "team_ids",
    "external_id",
    "custom",
)
"""Fields that stand in every event; the others only where a record has them."""


class FileOfEmail(Value):
    """A file that a record took over from an e-mail: attachment ``number`` of it."""

    email_id: str
    number: int
    filename: str | None = None
    content_type: str
    size: int


class RecordFields(Value):
    """What a record says of itself; a field that its type does not have stays empty.

    The first of ``email_addresses`` is the primary one; ``opted_out`` and ``invalid`` are those
    of them that must not get mass mail, and that do not work. ``parent`` is what a task is about;
    ``amount`` a decimal number; ``number`` a case's; ``email_id`` the e-mail it was made from.
    """

    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email_addresses: tuple[str, ...] = ()
    account_id: str | None = None
    contact_ids: tuple[str, ...] = ()
    status: str | None = None
    stage: str | None = None
    assigned_user_id: str | None = None
    team_ids: tuple[str, ...] = ()
    external_id: str | None = None
    custom: dict[str, Any] = Field(default_factory=dict)
    opted_out: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    phone: str | None = None
    website: str | None = None
    description: str | None = None
    lead_id: str | None = None
    parent: RecordRef | None = None
    amount: str | None = None
    currency: str | None = None
    closes_on: date | None = None
    due_at: UtcTime | None = None
    priority: str | None = None
    number: int | None = None
    email_id: str | None = None
    files: tuple[FileOfEmail, ...] = ()

    @model_serializer(mode="wrap")
    def _briefly(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what the record does not have: most records have little of it."""
        written: dict[str, Any] = write(self)
        return {
            name: value
            for name, value in written.items()
            if name in ALWAYS_WRITTEN or (value is not None and value not in ((), []))
        }


class RecordCreated(Event):
    """A record exists."""

    TYPE: ClassVar[str] = "courrier.crm.RecordCreated.v1"

    record: RecordRef
    fields: RecordFields


class RecordChanged(Event):
    """A record's fields are now ``fields``, all of them; ``changed`` names those that differ."""

    TYPE: ClassVar[str] = "courrier.crm.RecordChanged.v1"

    record: RecordRef
    fields: RecordFields
    changed: tuple[str, ...]


class RecordRemoved(Event):
    """A person took the record away; it may be created anew."""

    TYPE: ClassVar[str] = "courrier.crm.RecordRemoved.v1"

    record: RecordRef


class RecordsMerged(Event):
    """``record`` stands for ``merged`` from now on, wherever one of these is named.

    Ids of the same type: those merged now, and all that these stood for. Stands on
    ``crm.<p>.merge.<id of record>``; its fields are told by a ``RecordChanged``.
    """

    TYPE: ClassVar[str] = "courrier.crm.RecordsMerged.v1"

    record: RecordRef
    merged: tuple[str, ...]


class RecordReplaced(Event):
    """The record was merged into ``by``, which stands for it for ever."""

    TYPE: ClassVar[str] = "courrier.crm.RecordReplaced.v1"

    record: RecordRef
    by: RecordRef


class CaseNumbersTaken(Event):
    """The numbers ``first`` to ``last`` are spent: no other case will have them."""

    TYPE: ClassVar[str] = "courrier.crm.CaseNumbersTaken.v1"

    first: int
    last: int


class CaseTurnTaken(Event):
    """``user_id`` got a case that came to the group account ``account_id``: the next is another's.

    A case that nobody got leaves the turn where it was.
    """

    TYPE: ClassVar[str] = "courrier.crm.CaseTurnTaken.v1"

    account_id: str
    user_id: str
    case_id: str


class CaseOpened(Event):
    """An e-mail to the group account ``account_id`` becomes a case; the linker links it.

    Stands before the case's ``RecordCreated``, in one batch: the last fact on a record's subject
    tells all of its fields. ``request_id`` is the id of the ``CaseRequested`` that asked;
    ``reason`` says why this person.
    """

    TYPE: ClassVar[str] = "courrier.crm.CaseOpened.v1"

    record: RecordRef
    number: int
    email_id: str
    account_id: str
    request_id: str
    assigned_user_id: str | None = None
    reason: Evidence


class AddressAssigned(Event):
    """``address`` (normalised) belongs to ``owner``; ``account_id`` is the owner's CRM account."""

    TYPE: ClassVar[str] = "courrier.crm.AddressAssigned.v1"

    address: str
    owner: RecordRef
    account_id: str | None = None


class AddressReleased(Event):
    """``address`` belongs to ``owner`` no longer."""

    TYPE: ClassVar[str] = "courrier.crm.AddressReleased.v1"

    address: str
    owner: RecordRef


class RecordErased(Event):
    """All that the record said is gone; it may be created anew, with nothing of what it was."""

    TYPE: ClassVar[str] = "courrier.crm.RecordErased.v1"

    record: RecordRef


class AddressErased(Event):
    """Nothing is known of an address any more; ``address_key`` is its keyed hash.

    The address may be assigned again later: erasing forgets, it does not forbid.
    """

    TYPE: ClassVar[str] = "courrier.crm.AddressErased.v1"

    address_key: str


CrmEvent = (
    RecordCreated
    | RecordChanged
    | RecordRemoved
    | RecordsMerged
    | RecordReplaced
    | CaseNumbersTaken
    | CaseTurnTaken
    | CaseOpened
    | AddressAssigned
    | AddressReleased
    | RecordErased
    | AddressErased
)
