"""The CRM's records and who owns which address (stream ``CRM``, written by the gateway only).

``crm.<p>.<record type>.<id>``; ``crm.<p>.address.<keyed hash>`` is a fact of its own, because
the linker lives on it.
"""

from typing import Any, ClassVar

from pydantic import Field

from courrier.events.base import Event, RecordRef, Value

RECORD_TYPES = ("account", "contact", "lead", "opportunity", "case", "task")


class RecordFields(Value):
    """What a record says of itself; a field that its type does not have stays empty."""

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
    RecordCreated | RecordChanged | AddressAssigned | AddressReleased | RecordErased | AddressErased
)
