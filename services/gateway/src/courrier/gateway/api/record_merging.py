"""``/records/{type}/{id}:merge``: records that are one become one."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AliasChoices, Field
from starlette.responses import Response

from courrier.events.base import RecordRef
from courrier.gateway.domain.merging import MOST_AT_ONCE
from courrier.gateway.handlers.merging import merge_records

from .answers import Facts, answer, answers
from .caller import CallerDep, GatewayDep, cause_of
from .record_shapes import RECORD, RecordShown, RecordType, written_json
from .records import existing_record, log_of, touchable
from .routing import CourrierRoute
from .shapes import example
from .values import Body, IdText, PathId

router = APIRouter(route_class=CourrierRoute, tags=["records"])


class MergeBody(Body):
    """The records that this one is to stand for."""

    model_config = example({"duplicate_ids": ["dup1dup1dup1dup1dup1dup1dup1dup1"]})

    duplicate_ids: Annotated[
        tuple[IdText, ...],
        Field(
            min_length=1,
            max_length=MOST_AT_ONCE,
            validation_alias=AliasChoices("duplicate_ids", "from"),
        ),
    ]


@router.post(
    "/records/{record_type}/{record_id}:merge",
    responses=answers(RECORD, 200, 403, 404, 410, shape=RecordShown),
)
async def merge_record(  # noqa: PLR0913, PLR0917  what FastAPI hands in
    record_type: RecordType,
    record_id: PathId,
    body: MergeBody,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
) -> Response:
    """Let this record stand for others of its type: their addresses, relations and e-mails are its.

    What it does not say itself is taken from them, in order. Their ids answer 410 and name it.
    """
    ref = RecordRef(type=record_type, id=record_id)
    check = touchable(caller.person, record_type, "edit")
    check(await existing_record(gateway, caller, ref))
    cause = cause_of(request, caller)
    written = await merge_records(log_of(gateway), ref, body.duplicate_ids, cause, check)
    facts = Facts(written.position, str(written.record.version))
    return answer(written_json(written), 200, facts)
