"""The form of uploads: what is sent, and what is told of a file."""

import re
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from starlette.responses import Response

from courrier.events.families.drafts import WrittenFile
from courrier.gateway.adapters.uploading import Unfinished

from .answers import Facts, answer
from .shapes import Shown
from .values import Body, Line

UNNAMED = "file"
PLAIN = "application/octet-stream"
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}\Z")
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["size"],
                    "properties": {
                        "filename": {"type": "string"},
                        "content_type": {"type": "string"},
                        "size": {"type": "integer", "minimum": 0},
                        "content_id": {"type": "string"},
                        "inline": {"type": "boolean"},
                    },
                },
                "example": {"filename": "film.mp4", "content_type": "video/mp4", "size": 20000000},
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "content_id": {"type": "string"},
                        "inline": {"type": "boolean"},
                    },
                },
                "example": {"file": "…"},
            },
        },
    }
}
PIECE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/offset+octet-stream": {
                "schema": {"type": "string", "format": "binary"},
                "example": "…",
            }
        },
    },
    "parameters": [
        {
            "name": "Upload-Offset",
            "in": "header",
            "required": True,
            "schema": {"type": "integer", "minimum": 0},
            "description": "Where this piece begins: as many bytes as are there.",
        }
    ],
}
A_FILE: dict[str, Any] = {
    "id": "9f0c1d2e4a5968778695a4b3c2d1e0fb",
    "filename": "offer.pdf",
    "content_type": "application/pdf",
    "size": 48213,
    "received": 48213,
    "complete": True,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "content_id": None,
    "inline": False,
}


class UploadShown(Shown):
    """A file to write with; ``sha256`` once all of it is there."""

    id: str
    filename: str
    content_type: str
    size: int
    received: int
    complete: bool
    sha256: str | None
    content_id: str | None
    inline: bool


class BegunBody(Body):
    """A file that comes in pieces."""

    filename: Annotated[Line, StringConstraints(max_length=255)] = UNNAMED
    content_type: Annotated[Line, StringConstraints(max_length=200)] = PLAIN
    size: Annotated[int, Field(ge=0)] = 0
    content_id: Annotated[str, StringConstraints(pattern=r"^[!-;=?-~]{1,200}$")] | None = None
    inline: bool = False


def type_of(content_type: str) -> str:
    """Return a declared type, or that of any bytes."""
    kind = content_type.partition(";")[0].strip()
    return kind if _TYPE.match(kind) else PLAIN


def progress_answer(found: Unfinished, status: int, received: int | None = None) -> Response:
    """Return how much of a file is there."""
    there = found.received if received is None else received
    shown = {
        "id": found.id,
        "filename": found.filename,
        "content_type": found.content_type,
        "size": found.size,
        "received": there,
        "complete": False,
        "sha256": None,
        "content_id": found.content_id,
        "inline": found.inline,
    }
    location = f"/api/v1/attachments/{found.id}" if status == 201 else None
    response = answer(shown, status, Facts(location=location))
    response.headers["Upload-Offset"] = str(there)
    response.headers["Upload-Length"] = str(found.size)
    return response


def whole_answer(file: WrittenFile, status: int, position: str | None = None) -> Response:
    """Return a file all of which is there."""
    shown = {
        "id": file.id,
        "filename": file.filename,
        "content_type": file.content_type,
        "size": file.content.size,
        "received": file.content.size,
        "complete": True,
        "sha256": file.content.digest,
        "content_id": file.content_id,
        "inline": file.inline,
    }
    location = f"/api/v1/attachments/{file.id}" if status == 201 else None
    response = answer(shown, status, Facts(position, location=location))
    response.headers["Upload-Offset"] = response.headers["Upload-Length"] = str(file.content.size)
    return response
