"""``/records/{type}``: the CRM's records and their addresses."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import fields as fields_in
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from courrier.events.base import RecordRef
from courrier.events.families.crm import RecordFields
from courrier.gateway.domain.access import (
    Person,
    access_of,
    may,
    may_create,
    may_read_record,
    reach,
)
from courrier.gateway.domain.cursors import PAGE, Place, parse_cursor
from courrier.gateway.domain.duplicates import PossibleDuplicates, likeness_of
from courrier.gateway.domain.record import (
    ChangeRecord,
    CreateRecord,
    Record,
    RecordMerged,
    RecordMissing,
    RemoveRecord,
    display_name,
    record_id_of,
)
from courrier.gateway.domain.refusals import NotAllowed, Unfit, VersionChanged
from courrier.gateway.domain.rights import Action
from courrier.gateway.handlers.records import (
    RecordLog,
    load_record,
    remove_record,
    write_record,
)
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import duplicates, records
from courrier.gateway.projections.records import Filter, RecordRow

from .answers import Facts, answer, answers, listed, nothing, page_answer
from .caller import Caller, CallerDep, GatewayDep, cause_of, new_id
from .freshness import Fresh, wait_for
from .record_shapes import (
    RECORD,
    NewRecordBody,
    RecordBody,
    RecordShown,
    RecordType,
    fields_of,
    record_json,
    written_json,
)
from .routing import CourrierRoute
from .values import CursorText, FieldNames, IdText, Limit, Line, PathId, Words

router = APIRouter(route_class=CourrierRoute, tags=["records"])

SEEN_WITHIN_S = 0.5
"""Seconds for which a new record waits for those before it, to be compared with them."""

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"\Z')

MaybeId = Annotated[IdText | None, Query()]
ParentText = Annotated[
    str | None,
    Query(pattern="^[a-z]{1,16}:[A-Za-z0-9_-]{1,80}$", description="type:id of a record"),
]
IfMatch = Annotated[str | None, Header(max_length=200)]


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """The query parameters of a list."""

    account_id: MaybeId = None
    contact_id: MaybeId = None
    assigned_user_id: MaybeId = None
    status: Annotated[Line | None, Query(description="or stage")] = None
    parent: ParentText = None
    external_id: Annotated[Line | None, Query()] = None
    q: Annotated[Words | None, Query(description="in the name, an address; a case's number")] = None

    def wanted(self) -> Filter:
        """Return the filter as the question has it."""
        named = {field.name: getattr(self, field.name) for field in fields_in(self)}
        return Filter(words=named.pop("q") or None, **named)


FilterDep = Annotated[RecordFilter, Depends()]


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
    chosen: FilterDep,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """Records of a type that I may read, newest first; each filter given must be met."""
    place = Place(parse_cursor(cursor), limit + 1)
    within, wanted = reach(caller.person), chosen.wanted()
    rows = await records.records_page(gateway.pool, record_type, within, place=place, wanted=wanted)
    following = rows[limit - 1].cursor.text() if len(rows) > limit else None
    return page_answer(request, [record_json(row) for row in rows[:limit]], following, fields)


@router.post(
    "/records/{record_type}",
    status_code=201,
    responses=answers(RECORD, 201, 403, 404, 409, shape=RecordShown),
)
async def create_record(  # noqa: PLR0913, PLR0917  what FastAPI hands in
    record_type: RecordType,
    body: NewRecordBody,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    force: Annotated[bool, Query()] = False,  # noqa: FBT002  a query parameter
) -> Response:
    """Create a record; one that may exist already is a 409 with candidates, unless forced."""
    if not may_create(caller.person, record_type):
        raise NotAllowed("you may not create records of this type")
    record_id = (
        record_id_of(record_type, body.external_id)
        if body.external_id
        else new_id(request, caller, "record")
    )
    ref = RecordRef(type=record_type, id=record_id)
    fields = assigned(fields_of(body), caller.person)
    if not (display_name(fields) or fields.email_addresses):
        raise Unfit("a record needs a name", pointer="/name")
    order = CreateRecord(ref, fields)
    if not (force or body.force):
        await refuse_duplicates(gateway, caller.person, order)
    written = await write_record(log_of(gateway), ref, order, cause_of(request, caller))
    location = f"/api/v1/records/{record_type}/{record_id}"
    facts = Facts(written.position, str(written.record.version), location)
    return answer(written_json(written), 201, facts)


@router.get(
    "/records/{record_type}/{record_id}",
    dependencies=[Fresh],
    responses=answers(RECORD, 200, 404, 410, shape=RecordShown),
)
async def read_record(
    record_type: RecordType, record_id: PathId, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """One record; ``ETag`` is its version. One merged into another is a 410 that names it."""
    row = await readable_record(gateway, caller, RecordRef(type=record_type, id=record_id))
    return answer(record_json(row), 200, Facts(version=str(row.version)))


@router.patch(
    "/records/{record_type}/{record_id}",
    responses=answers(RECORD, 200, 403, 404, 410, 412, shape=RecordShown),
)
async def change_record(  # noqa: PLR0913, PLR0917  what FastAPI hands in
    record_type: RecordType,
    record_id: PathId,
    body: RecordBody,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    if_match: IfMatch = None,
) -> Response:
    """Set some fields (RFC 7396); with ``If-Match`` only if nobody changed the record since."""
    ref = RecordRef(type=record_type, id=record_id)
    order = ChangeRecord(body.given(), _version(if_match))
    check = touchable(caller.person, record_type, "edit")
    check(await existing_record(gateway, caller, ref))
    written = await write_record(log_of(gateway), ref, order, cause_of(request, caller), check)
    facts = Facts(written.position, str(written.record.version))
    return answer(written_json(written), 200, facts)


@router.delete(
    "/records/{record_type}/{record_id}",
    status_code=204,
    responses=answers(None, 204, 403, 404, 410, 412),
)
async def delete_record(  # noqa: PLR0913, PLR0917  what FastAPI hands in
    record_type: RecordType,
    record_id: PathId,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    if_match: IfMatch = None,
) -> Response:
    """Take a record away; its e-mails stay with their holders, its addresses lead to it no more."""
    ref = RecordRef(type=record_type, id=record_id)
    check = touchable(caller.person, record_type, "delete")
    check(await existing_record(gateway, caller, ref))
    order = RemoveRecord(_version(if_match))
    return nothing(
        await remove_record(log_of(gateway), ref, order, cause_of(request, caller), check)
    )


async def readable_record(gateway: Gateway, caller: Caller, ref: RecordRef) -> RecordRow:
    """Return a record that the caller may read.

    Raises:
        RecordMissing: there is none, or not for them.
        RecordMerged: another stands for it, which they may read.
    """
    row = await records.record_by_id(gateway.pool, ref)
    if row is not None and may_read_record(caller.person, row.access):
        return row
    into = await records.replacement_of(gateway.pool, ref) if row is None else None
    if into is not None:
        other = await records.record_by_id(gateway.pool, RecordRef(type=ref.type, id=into))
        if other is not None and may_read_record(caller.person, other.access):
            text = "this record was merged into another; use that one"
            raise RecordMerged(text, existing_id=into)
    raise RecordMissing("there is no such record")


async def existing_record(gateway: Gateway, caller: Caller, ref: RecordRef) -> Record:
    """Return a record as the log has it, whoever may read it.

    Raises:
        RecordMissing: there is none.
        RecordMerged: another stands for it, which the caller may read.
    """
    try:
        return await load_record(gateway.store, ref)
    except RecordMerged as merged:
        other = RecordRef(type=ref.type, id=str(merged.existing_id))
        heir = await records.record_by_id(gateway.pool, other)
        if heir is None or not may_read_record(caller.person, heir.access):
            raise RecordMissing("there is no such record") from merged
        raise


async def refuse_duplicates(gateway: Gateway, person: Person, order: CreateRecord) -> None:
    """Look for records that the person may read and that may be the one to create.

    Raises:
        PossibleDuplicates: there are some.
    """
    like = likeness_of(order.record.type, order.fields)
    if not like:
        return
    await wait_for(gateway, {"CRM": await gateway.store.end("CRM")}, SEEN_WITHIN_S)
    found = await duplicates.candidates(gateway.pool, order.record, like, reach(person))
    if found:
        raise PossibleDuplicates(found)


def assigned(fields: RecordFields, person: Person) -> RecordFields:
    """A record that nobody is assigned to could not be read by the one who made it."""
    if fields.assigned_user_id is None and not person.is_admin:
        return fields.model_copy(update={"assigned_user_id": person.id})
    return fields


def touchable(person: Person, record_type: str, action: Action) -> Callable[[Record], None]:
    """Return what lets pass the records with which the person may do this."""

    def check(record: Record) -> None:
        about = access_of(record_type, record.fields)
        if not may_read_record(person, about):
            raise RecordMissing("there is no such record")
        if not may(person, action, about):
            raise NotAllowed(f"you may read this record and not {action} it")

    return check


def log_of(gateway: Gateway) -> RecordLog:
    """Return where records are written."""
    return RecordLog(gateway.store, gateway.identity)


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    match = _ETAG.match(if_match.strip())
    if match is None:
        raise VersionChanged("If-Match is no ETag that this record ever had")
    return int(match[1])
