"""``/imports``: a table becomes records: hand it in, try it, run it."""

import asyncio
from itertools import islice
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from courrier.gateway.adapters import imports
from courrier.gateway.adapters.imports import Import, NewImport
from courrier.gateway.domain.access import may_create
from courrier.gateway.domain.csv_files import Shape, rows_of, shape_of
from courrier.gateway.domain.csv_mapping import check_mapping, guess
from courrier.gateway.domain.cursors import PAGE, Cursor, Place, parse_cursor
from courrier.gateway.domain.refusals import InTheWay, NotAllowed, NotThere
from courrier.gateway.ports import Gateway, NewJob

from .answers import Facts, answer, answers, listed, nothing, page_answer
from .caller import Caller, CallerDep, GatewayDep, command_id, new_id
from .importing import IMPORT
from .jobs import JOB, job_answer
from .record_shapes import RecordType
from .routing import CourrierRoute
from .shapes import JobShown, Moment, Shown, example
from .values import Body, CursorText, FieldNames, Limit, Line, PathId

router = APIRouter(route_class=CourrierRoute, tags=["imports"])

SAMPLE = 5
SENT = "External Id;First name;Last name;E-mail\ncrm-17;Ada;Lovelace;ada@example.org\n"
FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string"}, "example": SENT}},
    }
}
HANDED_IN: dict[str, Any] = {
    "id": "1a2b3c4d5e6f708192a3b4c5d6e7f809",
    "type": "contact",
    "filename": "people.csv",
    "encoding": "utf-8",
    "delimiter": ";",
    "columns": ["External Id", "First name", "Last name", "E-mail"],
    "rows": 1,
    "mapping": {
        "External Id": "external_id",
        "First name": "first_name",
        "Last name": "last_name",
        "E-mail": "email_addresses",
    },
    "sample": [["crm-17", "Ada", "Lovelace", "ada@example.org"]],
    "is_spent": False,
    "created_at": "2026-03-02T12:00:00Z",
}
TRIED = JOB | {
    "kind": IMPORT,
    "state": "done",
    "done": 1,
    "result": {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "refused": 0,
        "rows": {"created": [2], "updated": []},
        "duplicates": [
            {
                "line": 2,
                "candidates": [
                    {
                        "type": "contact",
                        "id": "c0ffee00c0ffee00c0ffee00c0ffee00",
                        "because": ["name"],
                    }
                ],
            }
        ],
    },
}


class ImportShown(Shown):
    """A file that was handed in."""

    id: str
    type: str
    filename: str | None
    encoding: str
    delimiter: str
    columns: list[str]
    rows: int
    mapping: dict[str, str] = Field(description="Guessed: field by column.")
    sample: list[list[str]] = Field(description="The first rows; empty in lists.")
    is_spent: bool = Field(description="It was run, and its bytes are forgotten.")
    created_at: Moment


class RunBody(Body):
    """Which column is which field, and how a row finds its record without an external id."""

    model_config = example({"mapping": HANDED_IN["mapping"], "match_by": "email"})

    mapping: Annotated[dict[Line, Line], Field(max_length=200)] | None = None
    match_by: Literal["external_id", "email"] = "external_id"


@router.post(
    "/imports",
    status_code=201,
    openapi_extra=FILE,
    responses=answers(HANDED_IN, 201, 403, 413, shape=ImportShown),
)
async def hand_in(
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    type: Annotated[RecordType, Query()],  # noqa: A002  a query parameter
    filename: Annotated[Line | None, Query()] = None,
) -> Response:
    """Hand in a table (CSV, any delimiter and encoding); nothing is imported yet.

    It is kept for a day. ``mapping`` is what its columns seem to be.
    """
    if not may_create(caller.person, type):
        raise NotAllowed("you may not create records of this type")
    data = await request.body()
    shape, count = await asyncio.to_thread(_looked_at, data)
    new = NewImport(
        id=new_id(request, caller, "import"),
        user_id=caller.person.id,
        record_type=type,
        filename=filename,
        shape=shape,
        row_count=count,
        file=data,
    )
    await imports.add(gateway.pool, new)
    found = await _find(gateway, caller, new.id)
    return answer(_shown(found, data), 201, Facts(location=f"/api/v1/imports/{new.id}"))


@router.get("/imports", responses=listed(HANDED_IN, ImportShown, 400, choose=True))
async def list_imports(  # noqa: PLR0913, PLR0917  query parameters
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """The tables that I handed in today, newest first."""
    place = Place(parse_cursor(cursor), limit + 1)
    found = await imports.page(gateway.pool, caller.person.id, place)
    last = found[limit - 1] if len(found) > limit else None
    following = Cursor(last.created_at, last.id).text() if last else None
    return page_answer(request, [_shown(each) for each in found[:limit]], following, fields)


@router.get("/imports/{import_id}", responses=answers(HANDED_IN, 200, 404, shape=ImportShown))
async def read_import(import_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """A table that I handed in, and what its columns seem to be."""
    found = await _find(gateway, caller, import_id)
    data = await imports.file_of(gateway.pool, caller.person.id, import_id)
    return answer(await asyncio.to_thread(_shown, found, data))


@router.delete("/imports/{import_id}", status_code=204, responses=answers(None, 204, 404))
async def delete_import(import_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """Forget a table; the records that were made from it stay."""
    await _find(gateway, caller, import_id)
    await imports.remove(gateway.pool, caller.person.id, import_id)
    return nothing()


@router.post(
    "/imports/{import_id}:dry-run",
    status_code=202,
    responses=answers(TRIED, 202, 404, 409, shape=JobShown),
)
async def try_import(
    import_id: PathId, body: RunBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Say what running it would do, by number of row; the job's ``errors`` are rows refused."""
    return await _begin(request, gateway, await _find(gateway, caller, import_id), body, dry=True)


@router.post(
    "/imports/{import_id}:run",
    status_code=202,
    responses=answers(TRIED, 202, 404, 409, shape=JobShown),
)
async def run_import(
    import_id: PathId, body: RunBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Create and change records as its rows say; a row by itself, a repeat changes nothing."""
    return await _begin(request, gateway, await _find(gateway, caller, import_id), body, dry=False)


async def _begin(
    request: Request, gateway: Gateway, found: Import, body: RunBody, *, dry: bool
) -> Response:
    caller: Caller = request.state.caller
    if found.is_spent:
        raise InTheWay("this table was run and is forgotten; hand it in again")
    mapping = body.mapping if body.mapping is not None else guess(found.shape.columns)
    check_mapping(found.shape.columns, mapping)
    order = {"import_id": found.id, "dry": dry, "mapping": mapping, "match_by": body.match_by}
    new = NewJob(
        id=command_id(request, caller).hex,
        user_id=caller.person.id,
        kind=IMPORT,
        order=order,
        total=found.row_count,
    )
    return job_answer(await gateway.jobs.add(new))


async def _find(gateway: Gateway, caller: Caller, import_id: str) -> Import:
    found = await imports.find(gateway.pool, caller.person.id, import_id)
    if found is None:
        raise NotThere("there is no such table, or it is forgotten")
    return found


def _looked_at(data: bytes) -> tuple[Shape, int]:
    shape = shape_of(data)
    return shape, sum(1 for _ in rows_of(data, shape))


def _shown(found: Import, data: bytes | None = None) -> dict[str, Any]:
    rows = islice(rows_of(data, found.shape), SAMPLE) if data else ()
    return {
        "id": found.id,
        "type": found.record_type,
        "filename": found.filename,
        "encoding": found.shape.encoding,
        "delimiter": found.shape.delimiter,
        "columns": list(found.shape.columns),
        "rows": found.row_count,
        "mapping": guess(found.shape.columns),
        "sample": [list(row.values) for row in rows],
        "is_spent": found.is_spent,
        "created_at": found.created_at,
    }
