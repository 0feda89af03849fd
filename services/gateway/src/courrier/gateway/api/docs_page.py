"""The description of the API as one page for people: no script, and nothing from elsewhere."""

import json
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from .describing import ABOUT, operations

Json = dict[str, Any]
TypeText = list[tuple[str, str | None]]
"""Pieces of text, each perhaps leading to a schema."""

BASE = "http://127.0.0.1:8000"
PROBLEM_FROM = 400


def docs_page(document: Json) -> str:
    """Return the page for an OpenAPI document."""
    schemas = document["components"]["schemas"]
    shown = [_operation(path, verb, each, schemas) for path, verb, each in operations(document)]
    names = list(dict.fromkeys(each["tag"] for each in shown))
    tags = [
        {
            "name": name.capitalize(),
            "id": name.replace(" ", "-"),
            "operations": [each for each in shown if each["tag"] == name],
        }
        for name in names
    ]
    values = {
        "about": ABOUT.replace("`", ""),
        "base": BASE,
        "tags": tags,
        "schemas": [_schema(name, schemas) for name in sorted(schemas)],
    }
    return _environment().get_template("docs.html").render(values)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("courrier.gateway.api", "pages"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _operation(path: str, verb: str, operation: Json, schemas: Json) -> Json:
    text = operation.get("description", "").partition("\n")[2]
    content = operation.get("requestBody", {}).get("content", {})
    responses = operation["responses"].items()
    return {
        "id": operation["operationId"],
        "tag": operation["tags"][0],
        "verb": verb.upper(),
        "path": path,
        "summary": operation["summary"],
        "paragraphs": [each for each in text.replace("`", "").split("\n\n") if each.strip()],
        "is_open": operation.get("security") == [],
        "curl": _curl(path, verb, operation, content),
        "parameters": [_parameter(each) for each in operation.get("parameters", [])],
        "body": _body(content, schemas) if content else None,
        "answers": [
            _answer(status, each) for status, each in responses if status.startswith(("2", "3"))
        ],
        "problems": [s for s, _ in responses if s.isdigit() and int(s) >= PROBLEM_FROM],
    }


def _curl(path: str, verb: str, operation: Json, content: Json) -> str:
    words = ["curl"]
    if verb not in {"get", "post"} or (verb == "post" and not content):
        words += ["-X", verb.upper()]
    text = " ".join(words)
    if operation.get("security") != []:
        text += ' -H "$AUTH"'
    for kind, media in content.items():
        example = media.get("example", "")
        data = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
        text += f" -H {shlex.quote(f'Content-Type: {kind}')} --data-binary {shlex.quote(data)}"
        break
    return f"{text} $URL{path}"


def _parameter(parameter: Json) -> Json:
    return {
        "name": parameter["name"],
        "required": parameter.get("required", False),
        "type": [*type_of(parameter.get("schema", {})), (f" in {parameter['in']}", None)],
        "about": parameter.get("description", "").replace("`", ""),
    }


def _body(content: Json, schemas: Json) -> Json:
    schema = next(iter(content.values())).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    rows = list(_fields(schemas[name])) if name in schemas else []
    return {"type": type_of(schema), "kinds": list(content), "fields": rows}


def _answer(status: str, response: Json) -> Json:
    media: Json = next(iter(response.get("content", {}).values()), {})
    example = media.get("example")
    if example is not None and not isinstance(example, str):
        example = json.dumps(example, indent=2, ensure_ascii=False)
    return {
        "status": status,
        "about": response.get("description", "").replace("`", ""),
        "type": type_of(media["schema"]) if "schema" in media else [],
        "example": example,
    }


def _schema(name: str, schemas: Json) -> Json:
    about = schemas[name].get("description", "").partition("\n")[0]
    return {"name": name, "about": about.replace("`", ""), "fields": list(_fields(schemas[name]))}


def _fields(schema: Json) -> Iterator[Json]:
    for name, each in schema.get("properties", {}).items():
        yield {
            "name": name,
            "required": name in schema.get("required", []),
            "type": type_of(each),
            "about": each.get("description", "").replace("`", ""),
        }


def type_of(schema: Json) -> TypeText:
    """Return a schema's type in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return [(name, name)]
    if "enum" in schema:
        return [(" | ".join(str(each) for each in schema["enum"]), None)]
    several = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if several:
        found: TypeText = []
        for each in several:
            found += [*([(" or ", None)] if found else []), *type_of(each)]
        return found
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return [("list of ", None), *type_of(schema.get("items", {}))]
    return [(schema.get("format", kind) if kind == "string" else kind, None)]
