"""Attachments: their decoded bytes, and what is known of each without opening it."""

import hashlib
import posixpath
import re

from courrier.mail.fields import first
from courrier.mail.message import Attachment
from courrier.mail.mime import Entity
from courrier.mail.parameters import read_parameters
from courrier.mail.transfer import decode_transfer
from courrier.mail.words import field_text

_CONTROLS = re.compile("[\x00-\x1f\x7f]+")


def decoded_bytes(raw: bytes, entity: Entity) -> bytes:
    """The body of a part after transfer decoding; a message inside is kept as it came."""
    return decode_transfer(raw[entity.start : entity.end], transfer_encoding(entity))


def transfer_encoding(entity: Entity) -> str:
    """The Content-Transfer-Encoding in lower case, without comments; empty if not given."""
    value = first(entity.fields, b"content-transfer-encoding")
    return read_parameters(value).word.strip("\"'") if value else ""


def disposition(entity: Entity) -> str:
    """`attachment`, `inline`, another word, or empty if the part does not say."""
    value = first(entity.fields, b"content-disposition")
    return read_parameters(value).word if value else ""


def describe(raw: bytes, entity: Entity) -> Attachment:
    """The attachment's card; decodes and hashes its bytes."""
    content = decoded_bytes(raw, entity)
    content_id = first(entity.fields, b"content-id")
    marked = disposition(entity)
    return Attachment(
        filename=_filename(entity),
        content_type=entity.content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_id=field_text(content_id).strip("<> \t") or None if content_id else None,
        inline=marked == "inline" or (not marked and content_id is not None),
    )


def _filename(entity: Entity) -> str | None:
    """From Content-Disposition, else from Content-Type; advice only (RFC 2183 section 2.3)."""
    value = first(entity.fields, b"content-disposition")
    name = read_parameters(value).parameters.get("filename") if value else None
    name = name or entity.parameters.get("name")
    if not name:
        return None
    safe = _CONTROLS.sub("", name).strip()
    return posixpath.basename(safe.replace("\\", "/")) or None
