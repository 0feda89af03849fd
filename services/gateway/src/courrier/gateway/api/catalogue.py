"""What the interface and the events look like: OpenAPI, AsyncAPI, JSON Schemas, an offline page."""

import html
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, Response

from courrier.events.asyncapi import document, schema_of
from courrier.events.catalogue import BY_TYPE, EVENTS
from courrier.gateway.domain.refusals import NotThere

from .answers import answer, answers
from .shapes import OPEN, Page, Shown

router = APIRouter(tags=["catalogue"])

PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = (
    "body{font:16px system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}code{font-size:1.1em}"
)


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
    """A page that lists all operations and needs nothing from elsewhere."""
    paths: dict[str, dict[str, Any]] = request.app.openapi()["paths"]
    rows = "".join(
        f"<dt><code>{verb.upper()} {html.escape(path)}</code></dt>"
        f"<dd>{html.escape(operation.get('description', ''))}</dd>"
        for path, verbs in sorted(paths.items())
        for verb, operation in verbs.items()
    )
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Courrier API</title>'
        f"<style>{STYLE}</style><h1>Courrier API</h1><p>The whole contract: "
        f'<a href="/api/v1/openapi.json">openapi.json</a>, '
        f'<a href="/api/v1/asyncapi.json">asyncapi.json</a>.</p><dl>{rows}</dl></html>'
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": PAGE_POLICY})
