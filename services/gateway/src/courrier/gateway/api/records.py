"""``/records/{type}``: the CRM's records, their addresses, and their history of e-mails."""

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.base import RecordRef
from courrier.events.families.crm import RecordFields
from courrier.gateway.domain.access import (
    Person,
    access_of,
    may_create,
    may_edit_record,
    may_read_record,
    reach,
)
from courrier.gateway.domain.cursors import PAGE, parse_cursor
from courrier.gateway.domain.record import (
    ChangeRecord,
    CreateRecord,
    Record,
    RecordMissing,
    record_id_of,
)
from courrier.gateway.domain.refusals import NotAllowed, VersionChanged
from courrier.gateway.handlers.records import RecordLog, load_record, write_record
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import records
from courrier.gateway.projections.records import RecordRow

from .answers import Facts, answer, answers, listed, page_answer
from .caller import Caller, CallerDep, GatewayDep, cause_of, new_id
from .freshness import Fresh
from .routing import CourrierRoute
from .shapes import Moment, Shown, example
from .values import (
    AddressText,
    Body,
    CursorText,
    Custom,
    FieldNames,
    IdText,
    Limit,
    Line,
    PathId,
)

router = APIRouter(route_class=CourrierRoute, tags=["records"])

RecordType = Literal["account", "contact", "lead", "opportunity", "case", "task"]
Addresses = Annotated[tuple[AddressText, ...], Field(max_length=50)]
Ids = Annotated[tuple[IdText, ...], Field(max_length=200)]

RECORD: dict[str, Any] = {
    "type": "contact",
    "id": "c0ffee00c0ffee00c0ffee00c0ffee00",
    "version": "1",
    "name": None,
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email_addresses": ["ada@example.org"],
    "account_id": None,
    "contact_ids": [],
    "status": None,
    "stage": None,
    "assigned_user_id": None,
    "team_ids": [],
    "external_id": "crm-17",
    "custom": {},
    "created_at": "2026-03-02T12:00:00Z",
    "changed_at": "2026-03-02T12:00:00Z",
}
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"\Z')


class RecordShown(Shown):
    """A record; fields that its type does not have are null."""

    type: str
    id: str
    version: str = Field(description="Opaque; also the `ETag`.")
    name: str | None
    first_name: str | None
    last_name: str | None
    email_addresses: list[str]
    account_id: str | None
    contact_ids: list[str]
    status: str | None
    stage: str | None
    assigned_user_id: str | None
    team_ids: list[str]
    external_id: str | None
    custom: dict[str, Any]
    created_at: Moment | None = Field(default=None, description="Absent in the answer to a write.")
    changed_at: Moment | None = Field(default=None, description="Absent in the answer to a write.")


class RecordBody(Body):
    """A record's fields; those that its type does not have stay empty."""

    model_config = example(
        {"first_name": "Ada", "last_name": "Lovelace", "email_addresses": ["ada@example.org"]}
    )

    name: Line | None = None
    first_name: Line | None = None
    last_name: Line | None = None
    email_addresses: Addresses = ()
    account_id: IdText | None = None
    contact_ids: Ids = ()
    status: Line | None = None
    stage: Line | None = None
    assigned_user_id: IdText | None = None
    team_ids: Ids = ()
    external_id: Line | None = None
    custom: Custom = Field(default_factory=dict)


@router.get(
    "/records/{record_type}",
    dependencies=[Fresh],
    responses=listed(RECORD, RecordShown, 400, 404, choose=True),
)
async def list_records(  # noqa: PLR0913, PLR0917  query parameters
    record_type: RecordType,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """Records of a type that I may read, newest first."""
    after = parse_cursor(cursor)
    may = reach(caller.person)
    rows = await records.records_page(gateway.pool, record_type, may, after=after, limit=limit + 1)
    following = rows[limit - 1].cursor.text() if len(rows) > limit else None
    return page_answer(request, [record_json(row) for row in rows[:limit]], following, fields)


@router.post(
    "/records/{record_type}",
    status_code=201,
    responses=answers(RECORD, 201, 403, 404, 409, shape=RecordShown),
)
async def create_record(
    record_type: RecordType,
    body: RecordBody,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
) -> Response:
    """Create a record; one with the same ``external_id`` is a 409 that names the existing id."""
    if not may_create(caller.person, record_type):
        raise NotAllowed("you may not create records of this type")
    record_id = (
        record_id_of(record_type, body.external_id)
        if body.external_id
        else new_id(request, caller, "record")
    )
    ref = RecordRef(type=record_type, id=record_id)
    order = CreateRecord(ref, _fields(body, caller.person))
    cause = cause_of(request, caller)
    written = await write_record(_log(gateway), ref, order, cause)
    facts = Facts(
        written.position,
        str(written.record.version),
        f"/api/v1/records/{record_type}/{record_id}",
    )
    return answer(_written_json(written.record), 201, facts)


@router.get(
    "/records/{record_type}/{record_id}",
    dependencies=[Fresh],
    responses=answers(RECORD, 200, 404, shape=RecordShown),
)
async def read_record(
    record_type: RecordType, record_id: PathId, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """One record; ``ETag`` is its version."""
    row = await readable_record(gateway, caller, RecordRef(type=record_type, id=record_id))
    return answer(record_json(row), 200, Facts(version=str(row.version)))


@router.patch(
    "/records/{record_type}/{record_id}",
    responses=answers(RECORD, 200, 403, 404, 412, shape=RecordShown),
)
async def change_record(  # noqa: PLR0913, PLR0917  what FastAPI hands in
    record_type: RecordType,
    record_id: PathId,
    body: RecordBody,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    if_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Set some fields; with ``If-Match`` only if nobody changed the record since."""
    ref = RecordRef(type=record_type, id=record_id)
    order = ChangeRecord(_changes(body), _version(if_match))

    def may(record: Record) -> None:
        about = access_of(ref.type, record.fields)
        if not may_read_record(caller.person, about):
            raise RecordMissing("there is no such record")
        if not may_edit_record(caller.person, about):
            raise NotAllowed("you may read this record and not change it")

    may(await load_record(gateway.store, ref))
    cause = cause_of(request, caller)
    written = await write_record(_log(gateway), ref, order, cause, may)
    facts = Facts(written.position, str(written.record.version))
    return answer(_written_json(written.record), 200, facts)


async def readable_record(gateway: Gateway, caller: Caller, ref: RecordRef) -> RecordRow:
    """Return a record that the caller may read.

    Raises:
        RecordMissing: there is none, or not for them.
    """
    row = await records.record_by_id(gateway.pool, ref)
    if row is None or not may_read_record(caller.person, row.access):
        raise RecordMissing("there is no such record")
    return row


def record_json(row: RecordRow) -> dict[str, Any]:
    """Return a record as answers show it."""
    return {
        "type": row.ref.type,
        "id": row.ref.id,
        "version": str(row.version),
        **row.fields.model_dump(mode="json"),
        "created_at": row.created_at,
        "changed_at": row.changed_at,
    }


def _written_json(record: Record) -> dict[str, Any]:
    return {
        "type": record.ref.type,
        "id": record.ref.id,
        "version": str(record.version),
        **record.fields.model_dump(mode="json"),
    }


def _fields(body: RecordBody, person: Person) -> RecordFields:
    """A record that nobody is assigned to could not be read by the one who made it."""
    fields = RecordFields.model_validate(body.model_dump())
    if fields.assigned_user_id is None and not person.is_admin:
        return fields.model_copy(update={"assigned_user_id": person.id})
    return fields


def _changes(body: RecordBody) -> dict[str, object]:
    return {name: getattr(body, name) for name in body.model_fields_set}


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    match = _ETAG.match(if_match.strip())
    if match is None:
        raise VersionChanged("If-Match is no ETag that this record ever had")
    return int(match[1])


def _log(gateway: Gateway) -> RecordLog:
    return RecordLog(gateway.store, gateway.identity)
