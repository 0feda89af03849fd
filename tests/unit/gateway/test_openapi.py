"""The OpenAPI document: every operation is described, and every example fits its schema."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from courrier.gateway.api.application import interface
from courrier.gateway.api.describing import operations
from courrier.gateway.api.docs_page import docs_page

HOW = (
    "give a body `model_config = example({...})`, and a route "
    "`responses=answers(EXAMPLE, 200, shape=SomethingShown)` or `listed(EXAMPLE, SomethingShown)` "
    "(api/shapes.py, api/answers.py)"
)
Json = dict[str, Any]

DOCUMENT: Json = interface().openapi()
OPERATIONS = [
    pytest.param(operation, id=f"{verb.upper()} {path}")
    for path, verb, operation in operations(DOCUMENT)
]


def faults(media: Json) -> list[str]:
    """Return what is wrong with a media type: no schema, no example, or one that does not fit."""
    if "schema" not in media or "example" not in media:
        return [f"a schema or an example is missing: {HOW}"]
    schema = media["schema"] | {"components": DOCUMENT["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    return [
        f"{each.instance_path}: {each.message}" for each in validator.iter_errors(media["example"])
    ]


def good_answers(operation: Json) -> Iterator[Json]:
    """Yield the answers of success that have a body."""
    for status, response in operation["responses"].items():
        if status.startswith("2") and status != "204":
            yield response


def test_the_document_is_openapi_3_1() -> None:
    """With both ways to say who one is, and no operation called as another."""
    names = Counter(operation["operationId"] for _, _, operation in operations(DOCUMENT))

    assert DOCUMENT["openapi"].startswith("3.1")
    assert {"token", "session"} == DOCUMENT["components"]["securitySchemes"].keys()
    assert [] == [name for name, count in names.items() if count > 1]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_says_what_it_does(operation: Json) -> None:
    """In a sentence, under a heading; its docstring and its router say it."""
    assert operation["summary"].endswith((".", "?")), "open the docstring with a sentence"
    assert operation.get("tags"), "give the route or its router tags"
    assert {"default", "401", "422", "503"} <= operation["responses"].keys()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_request_has_an_example_that_fits(operation: Json) -> None:
    """Where there is a body."""
    bodies = operation.get("requestBody", {}).get("content", {})

    assert {} == {kind: found for kind, media in bodies.items() if (found := faults(media))}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_has_an_example_that_fits(operation: Json) -> None:
    """Where there is a body; each problem has one, too."""
    answers = list(good_answers(operation))

    assert all(response.get("content") for response in answers), HOW
    for response in [*answers, *DOCUMENT["components"]["responses"].values()]:
        assert {} == {
            kind: found for kind, media in response["content"].items() if (found := faults(media))
        }


def test_the_page_for_people_shows_every_operation() -> None:
    """With its path, its command and its schemas; it runs and fetches nothing."""
    page = docs_page(DOCUMENT)

    assert [] == [
        operation["operationId"]
        for path, _, operation in operations(DOCUMENT)
        if f'id="{operation["operationId"]}"' not in page or f"<code>{path}</code>" not in page
    ]
    assert [] == [
        name for name in DOCUMENT["components"]["schemas"] if f'id="schema-{name}"' not in page
    ]
    assert not re.search(r'<script|<link|src=|href="(?!#|/api/v1/)', page)


def test_an_example_that_does_not_fit_is_found() -> None:
    """The rule above can fail."""
    wrong = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": {"status": "404"}}

    assert faults(wrong)
    assert faults({"schema": {}})
