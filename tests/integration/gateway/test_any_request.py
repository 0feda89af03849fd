"""Requests made from the OpenAPI document, good and hostile: the answer is never our mistake."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished

from courrier.gateway.api.describing import operations

from .conftest import Running

pytestmark = pytest.mark.integration

BINARY = (
    "message/rfc822",
    "application/x-ndjson",
    "text/csv",
    "application/offset+octet-stream",
)
for binary in BINARY:
    schemathesis.serializer.alias(binary, "application/octet-stream")

STREAMS = "/api/v1/(events|stream)$"
"""What does not end by itself is not asked for."""
ALLOWED = ["2xx", "3xx", "4xx", 503]
"""503: the other services do not run here, and it says so."""
ALIKE = 0.7
WORDS = {"title", "description", "examples", "default"}
"""What does not decide which values are good."""
CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
)


def configuration(gateway: Running, examples: int) -> SchemathesisConfig:
    """Return what is tried: the examples, each value's borders, and ``examples`` > 1 at random."""
    return SchemathesisConfig.from_dict(
        {
            "base-url": gateway.url,
            "headers": {"Authorization": gateway.admin.headers["Authorization"]},
            "request-timeout": 15,
            "continue-on-failure": True,
            "generation": {"deterministic": True, "max-examples": examples, "database": "none"},
            "phases": {
                "stateful": {"enabled": False},
                "fuzzing": {"enabled": examples > 1},
                # Other methods have their own tests; the long attack tries them everywhere.
                "coverage": {} if examples > 1 else {"unexpected-methods": []},
            },
            "checks": {"enabled": False}
            | {name: {"enabled": True} for name in CHECKS}
            | {"not_a_server_error": {"expected-statuses": ALLOWED}},
        }
    )


def findings(document: dict[str, Any], config: SchemathesisConfig) -> Iterator[str]:
    """Yield each way in which an answer is not as the document says."""
    schema = schemathesis.openapi.from_dict(document, config=config).exclude(path_regex=STREAMS)
    for event in from_schema(schema).execute():
        if isinstance(event, NonFatalError):
            yield f"{event.label}: {event.value!r}"
        if isinstance(event, ScenarioFinished):
            for checks in event.recorder.checks.values():
                for check in checks:
                    if check.failure_info is not None:
                        yield f"{event.label}: {check.failure_info.failure}"


def leave_out_known_parameters(document: dict[str, Any]) -> None:
    """A parameter of many operations is tried with the first; headers have test_http_frame.py."""
    tried: set[str] = set()
    for _, _, operation in operations(document):
        given = [each for each in operation.get("parameters", []) if each["in"] != "header"]
        operation["parameters"] = [
            each for each in given if each["in"] == "path" or is_new(each["name"], each, tried)
        ]


def is_new(name: str, described: dict[str, Any], tried: set[str]) -> bool:
    """Tell whether something of this name and schema was not tried before, and note it."""
    schema = described.get("schema", described)
    said = {key: schema[key] for key in sorted(schema) if key not in WORDS}
    text = json.dumps([name, said], sort_keys=True)
    known = text in tried
    tried.add(text)
    return not known


def leave_out_alike_bodies(document: dict[str, Any]) -> None:
    """A body with the fields of another, as PATCH often has, is tried once; then there is none."""
    tried: list[set[str]] = []
    known_fields: set[str] = set()
    for _, _, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        name = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        schema = document["components"]["schemas"].get(name.rpartition("/")[2], {})
        fields = set(schema.get("properties", {}))
        if any(len(fields & known) > ALIKE * len(fields | known) for known in tried):
            del operation["requestBody"]
        elif fields:
            tried.append(fields)
            leave_out_known_fields(schema, known_fields)


def leave_out_known_fields(schema: dict[str, Any], tried: set[str]) -> None:
    """A field that another body has just so is tried there, unless this one cannot do without."""
    needed = schema.get("required", [])
    fields = {
        name: each
        for name, each in schema["properties"].items()
        if is_new(name, each, tried) or name in needed
    }
    schema["properties"] = fields


async def complaints(gateway: Running, examples: int) -> list[str]:
    """Return what is wrong, each once, in the words of the first request that showed it."""
    document = (await gateway.admin.get("/openapi.json")).json()
    if examples == 1:
        leave_out_known_parameters(document)
        leave_out_alike_bodies(document)
    config = configuration(gateway, examples)
    return await asyncio.to_thread(lambda: sorted(set(findings(document, config))))


@pytest.mark.timeout(300)
async def test_any_request_is_answered_as_described(gateway: Running) -> None:
    """Status, type, form and headers are those of the document, and never a 5xx."""
    found = await complaints(gateway, examples=1)

    assert not found, "\n\n".join(found)


@pytest.mark.long
@pytest.mark.timeout(1500)
async def test_many_more_requests_are_answered_as_described(gateway: Running) -> None:
    """The same, with many more values."""
    found = await complaints(gateway, examples=60)

    assert not found, "\n\n".join(found)
