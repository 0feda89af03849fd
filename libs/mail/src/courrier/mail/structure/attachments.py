"""Attachments: their decoded bytes, and what is known of each without opening it."""

import hashlib
import re

from courrier.mail.headers.words import field_text
from courrier.mail.message import Attachment
from courrier.mail.structure.fields import first
from courrier.mail.structure.mime import Entity
from courrier.mail.structure.parameters import Parameterised, read_parameters
from courrier.mail.structure.transfer import decode_transfer

_BLANKS_AND_CONTROLS = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]+")
# Marks that turn the direction of writing show "exe.gpj" as "jpg.exe"; the rest shows nothing.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MAX_NAME_CHARS = 200
_MAX_SUFFIX_CHARS = 20
_NO_PARAMETERS = Parameterised("", {})


def decoded_bytes(raw: bytes, entity: Entity) -> bytes:
    """The body of a part after transfer decoding; a message inside is kept as it came."""
    source = raw if entity.source is None else entity.source
    content = source[entity.start : entity.end]
    encoding = transfer_encoding(entity)
    return decode_transfer(content, encoding, entity.warnings) if encoding else content


def transfer_encoding(entity: Entity) -> str:
    """The Content-Transfer-Encoding in lower case, without comments; empty if not given."""
    value = first(entity.fields, b"content-transfer-encoding")
    return read_parameters(value).word if value else ""


def disposition(entity: Entity) -> str:
    """`attachment`, `inline`, another word, or empty if the part does not say."""
    if b"content-disposition" not in entity.fields:
        return ""
    word = _disposition(entity).word
    return "attachment" if word.startswith("att") else word


def _disposition(entity: Entity) -> Parameterised:
    value = first(entity.fields, b"content-disposition")
    return read_parameters(value) if value else _NO_PARAMETERS


def describe(raw: bytes, entity: Entity) -> Attachment:
    """The attachment's card; decodes and hashes its bytes."""
    content = decoded_bytes(raw, entity)
    content_id = first(entity.fields, b"content-id")
    marked = disposition(entity)
    return Attachment(
        filename=filename(entity),
        content_type=entity.content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_id=field_text(content_id).strip("<> \t") or None if content_id else None,
        inline=marked == "inline" or (not marked and content_id is not None),
    )


def filename(entity: Entity) -> str | None:
    """From Content-Disposition, else from Content-Type; advice only (RFC 2183 section 2.3)."""
    told = _disposition(entity).parameters
    for parameters in (told, entity.parameters):
        for key in ("filename", "name"):
            name = parameters.get(key)
            safe = safe_filename(name) if name else None
            if safe is not None:
                return safe
    return None


def safe_filename(name: str) -> str | None:
    """The last component of a path, on one line, as it reads, and short enough to be stored.

    `None` if nothing is left of it.
    """
    plain = _INVISIBLE.sub("", _BLANKS_AND_CONTROLS.sub(" ", name))
    parts = [part.strip() for part in plain.replace("\\", "/").split("/")]
    last = next((part for part in reversed(parts) if part.strip(".")), "")
    if len(last) <= _MAX_NAME_CHARS:
        return last or None
    stem, dot, suffix = last.rpartition(".")
    if not dot or len(suffix) > _MAX_SUFFIX_CHARS:
        return last[:_MAX_NAME_CHARS]
    return stem[: _MAX_NAME_CHARS - len(suffix) - 1] + dot + suffix
