"""The OpenAPI 3.1 document: what FastAPI knows of the routes, and what all of them share."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from .problems import MEDIA_TYPE, TITLES
from .shapes import ProblemShown

Json = dict[str, Any]

ABOUT = (
    "Errors are `application/problem+json`, lists are keyset pages, a POST with an "
    "`Idempotency-Key` may be repeated, a write says its `Courrier-Position`, and a read with "
    "`Courrier-After` waits until it shows it."
)
EVERYWHERE = (401, 422, 429, 503)
"""Problems that any operation may give."""
REQUEST_ID = "0d5f1c0be83f4c0c9d6f0f3f8f0b7c11"
SECURITY_SCHEMES: Json = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "`courrier token create`, or `POST /api/v1/tokens`",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "courrier_session",
        "description": "A browser's; unsafe methods also need `X-CSRF-Token` (`GET /api/v1/me`)",
    },
}
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Repeat the request with the same key and get the same answer, for 24 hours.",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"},
}
POSITION: Json = {
    "description": "Where the log stood after the write; send it as `Courrier-After`.",
    "schema": {"type": "string"},
}
NOT_CHANGED: Json = {"description": "`If-None-Match` names the `ETag` that it still has."}
LINK: Json = {"description": 'The next page, `rel="next"`.', "schema": {"type": "string"}}


def openapi_of(app: FastAPI, routers: Sequence[APIRouter]) -> Json:
    """Return the document of an application that includes these routers, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _document(app, routers)
    return app.openapi_schema


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield path, method and operation."""
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def _document(app: FastAPI, routers: Sequence[APIRouter]) -> Json:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=ABOUT,
        openapi_version="3.1.0",
        routes=app.routes,
    )
    document["servers"] = [{"url": "/"}]
    document["security"] = [{"token": []}, {"session": []}]
    components = document.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = ProblemShown.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schemas["Problem"].pop("$defs")
    components["responses"] = {_name(status): _problem(status) for status in TITLES}
    examples = dict(_examples(routers))
    for path, verb, operation in operations(document):
        _complete(path, verb, operation)
        _show(operation, examples[operation["operationId"]])
    return document


def _examples(routers: Sequence[APIRouter]) -> Iterator[tuple[str, dict[int | str, Any]]]:
    """Yield the examples of each route: FastAPI leaves out whatever is null in them."""
    for route in (each for router in routers for each in router.routes):
        if isinstance(route, APIRoute):
            found: dict[int | str, Any] = dict(route.responses)
            if route.body_field is not None:
                body = route.body_field.field_info.annotation
                shapes = (body, *get_args(body))  # one that may be left out is a union with None
                config: Json = next(
                    (one.model_config for one in shapes if hasattr(one, "model_config")), {}
                )
                found["body"] = config.get("json_schema_extra", {}).get("examples", [])[:1]
            yield route.name, found


def _complete(path: str, verb: str, operation: Json) -> None:
    operation["summary"] = operation.get("description", path).partition("\n")[0]
    _tell_problems(operation)
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            _tell_headers(verb, operation, response)
    if verb == "get":
        operation["responses"]["304"] = NOT_CHANGED
    if verb in {"post", "patch"}:
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)


def _tell_problems(operation: Json) -> None:
    responses = operation["responses"]
    named = {int(status) for status in responses if status.isdigit()}
    for status in sorted({*named, *EVERYWHERE}):
        if status in TITLES:
            responses[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
    responses["default"] = {"$ref": f"#/components/responses/{_name(400)}"}


def _show(operation: Json, examples: dict[int | str, Any]) -> None:
    for status, response in operation["responses"].items():
        told = examples.get(int(status), {}) if status.isdigit() else {}
        for kind, media in told.get("content", {}).items():
            response["content"][kind]["example"] = media["example"]
    for media in operation.get("requestBody", {}).get("content", {}).values():
        for example in examples.get("body", []):
            media["example"] = example


def _tell_headers(verb: str, operation: Json, response: Json) -> None:
    headers = response.setdefault("headers", {})
    if verb != "get":
        headers["Courrier-Position"] = POSITION
    if any(each["name"] == "cursor" for each in operation.get("parameters", [])):
        headers["Link"] = LINK


def _name(status: int) -> str:
    return "".join(part.title() for part in TITLES[status][0].split("-"))


def _problem(status: int) -> Json:
    slug, title = TITLES[status]
    example = {
        "type": f"/api/v1/problems/{slug}",
        "title": title,
        "status": status,
        "detail": title,
        "request_id": REQUEST_ID,
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": title,
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }
