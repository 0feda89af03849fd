"""A record as clients send it and as answers show it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Field, PlainSerializer

from courrier.events.base import RecordRef
from courrier.events.families.crm import RecordFields
from courrier.gateway.domain.record import display_name
from courrier.gateway.handlers.records import RecordWritten
from courrier.gateway.projections.records import RecordRow

from .shapes import Moment, Shown, example
from .values import AddressText, Body, Custom, IdText, Line, LongText

DESCRIPTION_CHARS = 32 * 1024

RecordType = Literal["account", "contact", "lead", "opportunity", "case", "task"]
Addresses = Annotated[tuple[AddressText, ...], Field(max_length=50)]
Ids = Annotated[tuple[IdText, ...], Field(max_length=200)]


def _described(text: str) -> str:
    if len(text.encode()) > DESCRIPTION_CHARS:
        raise ValueError(f"over {DESCRIPTION_CHARS} bytes")
    return text


Description = Annotated[LongText, AfterValidator(_described)]
Amount = Annotated[
    Decimal,
    Field(max_digits=18, decimal_places=4, allow_inf_nan=False),
    PlainSerializer(lambda value: f"{value:f}", return_type=str),
]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217, as EUR")]

RECORD: dict[str, Any] = {
    "type": "contact",
    "id": "c0ffee00c0ffee00c0ffee00c0ffee00",
    "version": "1",
    "name": "Ada Lovelace",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email_addresses": ["ada@example.org", "countess@example.org"],
    "account_id": "acc0acc0acc0acc0acc0acc0acc0acc0",
    "contact_ids": [],
    "status": None,
    "stage": None,
    "assigned_user_id": "b3f0c1d2e4a5968778695a4b3c2d1e0f",
    "team_ids": [],
    "external_id": "crm-17",
    "custom": {"vip": True},
    "opted_out": ["countess@example.org"],
    "invalid": [],
    "phone": "+44 20 7946 0000",
    "website": None,
    "description": None,
    "lead_id": None,
    "parent": None,
    "amount": None,
    "currency": None,
    "closes_on": None,
    "due_at": None,
    "priority": None,
    "number": None,
    "email_id": None,
    "files": [],
    "created_at": "2026-03-02T12:00:00Z",
    "changed_at": "2026-03-02T12:00:00Z",
}


class TaskParentShown(Shown):
    """The record that a task is about."""

    type: str
    id: str


class FileShown(Shown):
    """A file that came with an e-mail: `/emails/{email_id}/attachments/{number}`."""

    email_id: str
    number: int
    filename: str | None
    content_type: str
    size: int


class RecordShown(Shown):
    """A record; fields that its type does not have are null."""

    type: str
    id: str
    version: str = Field(description="Opaque; also the `ETag`.")
    name: str | None
    first_name: str | None
    last_name: str | None
    email_addresses: list[str] = Field(description="The first is the primary one.")
    account_id: str | None
    contact_ids: list[str]
    status: str | None
    stage: str | None
    assigned_user_id: str | None
    team_ids: list[str]
    external_id: str | None
    custom: dict[str, Any]
    opted_out: list[str] = Field(description="Those addresses that must not get mass mail.")
    invalid: list[str] = Field(description="Those addresses that do not work.")
    phone: str | None
    website: str | None
    description: str | None
    lead_id: str | None
    parent: TaskParentShown | None
    amount: str | None = Field(description="A decimal number.")
    currency: str | None
    closes_on: date | None
    due_at: Moment | None
    priority: str | None
    number: int | None = Field(description="Of a case; given when it is opened.")
    email_id: str | None = Field(description="The e-mail that it was made from.")
    files: list[FileShown]
    created_at: Moment
    changed_at: Moment


class ParentBody(Body):
    """The record that a task is about."""

    type: RecordType
    id: IdText

    @property
    def ref(self) -> RecordRef:
        """The record as events name it."""
        return RecordRef(type=self.type, id=self.id)


class RecordBody(Body):
    """A record's fields; null empties one. The first address is the primary one."""

    model_config = example(
        {"first_name": "Ada", "last_name": "Lovelace", "email_addresses": ["ada@example.org"]}
    )

    name: Line | None = None
    first_name: Line | None = None
    last_name: Line | None = None
    email_addresses: Addresses | None = ()
    account_id: IdText | None = None
    contact_ids: Ids | None = ()
    status: Line | None = None
    stage: Line | None = None
    assigned_user_id: IdText | None = None
    team_ids: Ids | None = ()
    external_id: Line | None = None
    custom: Custom | None = Field(default_factory=dict)
    opted_out: Addresses | None = ()
    invalid: Addresses | None = ()
    phone: Line | None = None
    website: Line | None = None
    description: Description | None = None
    lead_id: IdText | None = None
    parent: ParentBody | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    closes_on: date | None = None
    due_at: AwareDatetime | None = None
    priority: Line | None = None

    def given(self) -> dict[str, object]:
        """Return the fields that were sent, as the log has them."""
        return {
            name: _plain(name, getattr(self, name))
            for name in self.model_fields_set
            if name in RecordFields.model_fields
        }


class NewRecordBody(RecordBody):
    """A record to create; ``force`` creates it although it may exist already."""

    force: bool = False


def fields_of(body: RecordBody) -> RecordFields:
    """Return the fields of a record to create."""
    return RecordFields().model_copy(update=body.given())


def record_json(row: RecordRow) -> dict[str, Any]:
    """Return a record as answers show it."""
    return _shown(row.ref, row.version, row.fields, (row.created_at, row.changed_at))


def written_json(written: RecordWritten) -> dict[str, Any]:
    """Return a record that was just written."""
    record = written.record
    return _shown(
        record.ref, record.version, record.fields, (written.created_at, written.changed_at)
    )


def _shown(
    ref: RecordRef, version: int, fields: RecordFields, times: tuple[datetime, datetime]
) -> dict[str, Any]:
    return {
        "type": ref.type,
        "id": ref.id,
        "version": str(version),
        **_EMPTY,
        **fields.model_dump(mode="json"),
        "name": display_name(fields) or None,
        "created_at": times[0],
        "changed_at": times[1],
    }


_EMPTY: dict[str, Any] = {
    name: [] if field.default == () else field.default
    for name, field in RecordFields.model_fields.items()
}


def _plain(name: str, value: object) -> object:
    """Return a value as ``RecordFields`` holds it; null is the field's default."""
    match value:
        case None:
            return {} if name == "custom" else RecordFields.model_fields[name].default
        case Decimal():
            return f"{value:f}"
        case ParentBody():
            return RecordRef(type=value.type, id=value.id)
        case _:
            return value
