"""What the interface and the events look like: OpenAPI, AsyncAPI, JSON Schemas, an offline page."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, Response

from courrier.events.asyncapi import document, schema_of
from courrier.events.catalogue import BY_TYPE, EVENTS
from courrier.gateway.domain.refusals import NotThere

from .answers import answer, answers
from .docs_page import docs_page
from .shapes import OPEN, Page, Shown

router = APIRouter(tags=["catalogue"])

PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


ASYNCAPI = {"asyncapi": "3.0.0", "info": {"title": "Courrier", "version": "1"}}
SCHEMA = {"title": "EmailImported", "type": "object", "properties": {}}


class AsyncApiShown(Shown):
    """An AsyncAPI 3 document."""

    asyncapi: str
    info: dict[str, Any]


class SchemaShown(Shown):
    """A JSON Schema."""

    title: str
    type: str


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """Return the OpenAPI 3.1 document."""
    return answer(request.app.openapi())


@router.get("/asyncapi.json", openapi_extra=OPEN, responses=answers(ASYNCAPI, shape=AsyncApiShown))
async def asyncapi() -> Response:
    """The AsyncAPI 3 document of all events."""
    return answer(document())


@router.get(
    "/schemas",
    openapi_extra=OPEN,
    responses=answers({"items": [EVENTS[0].TYPE], "next": None}, shape=Page[str]),
)
async def schemas() -> Response:
    """The names of all event types."""
    return answer({"items": sorted(BY_TYPE), "next": None})


@router.get(
    "/schemas/{event_type}",
    openapi_extra=OPEN,
    responses=answers(SCHEMA, 200, 404, shape=SchemaShown),
)
async def schema(event_type: Annotated[str, Path(max_length=200)]) -> Response:
    """The JSON Schema of one event type, as ``courrier.email.EmailImported.v1``."""
    event = BY_TYPE.get(event_type.removesuffix(".json"))
    if event is None:
        raise NotThere("there is no such event type")
    return answer(schema_of(event))


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """The description as a page that needs nothing from elsewhere."""
    page: str | None = getattr(request.app.state, "docs", None)
    if page is None:
        page = request.app.state.docs = docs_page(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": PAGE_POLICY})
