"""The catalogue for people and programs: a JSON Schema per event, one AsyncAPI 3 document.

Generated from the models, checked in under ``docs/catalogue`` and compared in CI, so that a
change of the contract is a visible change of these files.
"""

import json
from pathlib import Path
from typing import Any

from courrier.events.base import Event
from courrier.events.catalogue import EVENTS, short_name

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def schema_of(event: type[Event]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one event's body."""
    schema = event.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": JSON_SCHEMA, "$id": f"/api/v1/schemas/{event.TYPE}", **schema}


def document() -> dict[str, Any]:
    """Return the AsyncAPI 3 document: one channel per family, one message per event type."""
    families = sorted({event.TYPE.split(".")[1] for event in EVENTS})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Courrier events",
            "version": "1",
            "description": "Facts of an e-mail system for CRMs, CloudEvents 1.0 in NATS headers.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {family: _channel(family) for family in families},
        "operations": {
            f"receive-{family}": {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{family}"},
            }
            for family in families
        },
        "components": {"messages": {short_name(e.TYPE): _message(e) for e in EVENTS}},
    }


def _channel(family: str) -> dict[str, Any]:
    events = [event for event in EVENTS if event.TYPE.split(".")[1] == family]
    names = [short_name(event.TYPE) for event in events]
    return {
        "address": f"{family}.>",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.TYPE,
        "summary": (event.__doc__ or "").strip().splitlines()[0],
        "payload": {"$ref": f"schemas/{event.TYPE}.json"},
    }


def files() -> dict[str, str]:
    """Return the catalogue's files by relative path, ready to write or compare."""
    found = {f"schemas/{event.TYPE}.json": _text(schema_of(event)) for event in EVENTS}
    return {"asyncapi.json": _text(document()), **found}


def write_catalogue(folder: Path) -> list[Path]:
    """Write all files below ``folder`` and return their paths."""
    written = []
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        written.append(path)
    return written


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
