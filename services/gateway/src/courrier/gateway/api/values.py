"""Values that clients send: bounded, valid Unicode, storable, and safe in a message's header."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from courrier.gateway.domain.cursors import LONGEST as LONGEST_CURSOR
from courrier.gateway.domain.cursors import LONGEST_PAGE
from courrier.mail.html.written import written_html
from courrier.mail.writing.field_writing import wire_address
from courrier.mail.writing.outgoing import Unwritable

LINE_CHARS = 500
TEXT_CHARS = 200_000
ADDRESS_CHARS = 320
SIGNATURE_CHARS = 50_000
CUSTOM_BYTES = 64 * 1024
CUSTOM_DEPTH = 8
LARGEST_INTEGER = 2**63 - 1


class Body(BaseModel):
    """A JSON body; unknown fields are refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


def storable(text: str) -> str:
    """Return the text if a row can hold it; else a ``ValueError``."""
    if "\0" in text:
        raise ValueError("U+0000 cannot be stored")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("this is no valid Unicode: a surrogate stands alone") from None
    return text


def one_line(text: str) -> str:
    """Return the text if it can stand in a header field and in a row; else a ``ValueError``."""
    if any(ord(character) < 32 or character == "\x7f" for character in text):
        raise ValueError("control characters and line breaks cannot stand here")
    return storable(text)


def _address(text: str) -> str:
    try:
        wire_address(one_line(text))
    except Unwritable:
        raise ValueError("this is no e-mail address (RFC 5322 section 3.4.1)") from None
    return text


def is_address(text: str) -> bool:
    """Tell whether a message could be sent there."""
    try:
        wire_address(text)
    except Unwritable:
        return False
    return True


def _custom(value: dict[str, Any]) -> dict[str, Any]:
    _check_depth(value, CUSTOM_DEPTH)
    if len(json.dumps(value)) > CUSTOM_BYTES:
        raise ValueError(f"over {CUSTOM_BYTES} bytes")
    return value


def _check_depth(value: object, room: int) -> None:
    if room == 0:
        raise ValueError(f"nested more than {CUSTOM_DEPTH} deep")
    match value:
        case str():
            storable(value)
        case dict():
            _check_all([*value.keys(), *value.values()], room - 1)
        case list():
            _check_all(value, room - 1)
        case float() if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  NaN
            raise ValueError("NaN and infinity are no JSON")
        case int() if abs(value) > LARGEST_INTEGER:
            raise ValueError("an integer has 64 bits at most")
        case _:
            return


def _check_all(values: Sequence[object], room: int) -> None:
    for value in values:
        _check_depth(value, room)


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LINE_CHARS),
    AfterValidator(one_line),
]
MaybeEmptyLine = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LINE_CHARS),
    AfterValidator(one_line),
]
LongText = Annotated[str, StringConstraints(max_length=TEXT_CHARS), AfterValidator(storable)]
Password = Annotated[
    str, StringConstraints(min_length=1, max_length=1024), AfterValidator(storable)
]
AddressText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=ADDRESS_CHARS),
    AfterValidator(_address),
]
SignatureHtml = Annotated[
    str,
    StringConstraints(max_length=SIGNATURE_CHARS),
    AfterValidator(storable),
    AfterValidator(written_html),
]
"""What may run or load anything but pictures is taken out."""
Custom = Annotated[dict[str, Any], AfterValidator(_custom)]
IdText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,80}$")]

PathId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE)]
LongCursorText = Annotated[str | None, Query(max_length=4000)]
CursorText = Annotated[str | None, Query(max_length=LONGEST_CURSOR)]
FieldNames = Annotated[str | None, Query(max_length=LINE_CHARS)]
Words = Annotated[str, Query(max_length=200), AfterValidator(one_line)]
