"""The lines of a segment: an event, an erased event, or sequences that hold none."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from courrier.events.archive import chain

EventLine = dict[str, Any]


_ERASED_FIELDS = {"seq", "leaf"}
_EVENT_FIELDS = 6


class BadLine(ValueError):
    """A line of a segment is none of ours, or one of its fields is damaged."""


@dataclass(frozen=True)
class Archived:
    """An event: ``headers`` without the broker's own (``Nats-…``), ``data`` its exact bytes."""

    sequence: int
    subject: str
    headers: Mapping[str, str]
    data: bytes
    salt: bytes

    @property
    def event_id(self) -> str:
        """``ce-id``; empty for a message that is no event of ours."""
        return self.headers.get("ce-id", "")

    @cached_property
    def leaf(self) -> bytes:
        """What stands for this event in the chain."""
        version = self.headers.get("ce-aggregateversion", "0")
        number = int(version) if version.isascii() and version.isdigit() else 0
        content = chain.content_of(self.subject, self.headers, self.data)
        return chain.leaf_of(self.event_id, number, salt=self.salt, content=content)

    @property
    def last(self) -> int:
        """The last sequence this line speaks of."""
        return self.sequence


@dataclass(frozen=True)
class Erased:
    """An event whose salt and content were dropped."""

    sequence: int
    leaf: bytes

    @property
    def last(self) -> int:
        """The last sequence this line speaks of."""
        return self.sequence


@dataclass(frozen=True)
class Gap:
    """Sequences from ``sequence`` to ``last`` that the broker could not give."""

    sequence: int
    last: int
    why: str


Line = Archived | Erased | Gap


def chain_over(value: bytes, lines: Iterable[Line]) -> bytes:
    """Return the chain value after these lines."""
    for line in lines:
        if isinstance(line, Gap):
            value = chain.after_gap(value, line.sequence, line.last, line.why)
        else:
            value = chain.after_event(value, line.sequence, line.leaf)
    return value


def to_json(line: Line) -> EventLine:
    """Return a line as it is written."""
    match line:
        case Gap():
            return {"gap": [line.sequence, line.last], "why": line.why}
        case Erased():
            return {"seq": line.sequence, "leaf": line.leaf.hex()}
        case Archived():
            return {
                "seq": line.sequence,
                "subject": line.subject,
                "headers": dict(line.headers),
                "salt": line.salt.hex(),
                "leaf": line.leaf.hex(),
                **_data_fields(line.data),
            }


def from_json(fields: EventLine) -> tuple[Line, bytes | None]:
    """Return a line, and for an event the leaf that is written beside it.

    Raises:
        BadLine: a field is missing or has another form.
    """
    try:
        if "gap" in fields:
            first, last = fields["gap"]
            return Gap(int(first), int(last), str(fields["why"])), None
        sequence, leaf = int(fields["seq"]), bytes.fromhex(fields["leaf"])
        # A damaged name must not make an event pass for an erased one.
        if fields.keys() == _ERASED_FIELDS:
            return Erased(sequence, leaf), None
        if len(fields) != _EVENT_FIELDS:
            raise BadLine(f"{len(fields)} fields of {sequence}")
        salt, data = bytes.fromhex(fields["salt"]), _data_of(fields)
        return Archived(sequence, fields["subject"], fields["headers"], data, salt), leaf
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise BadLine(f"no line of a segment: {error!r}") from None


def erased(line: Line) -> Line:
    """Return what may stay of a line once its event is erased."""
    return Erased(line.sequence, line.leaf) if isinstance(line, Archived) else line


def _data_fields(data: bytes) -> dict[str, str]:
    """A body is JSON, which reads as text; whatever else there may be is kept all the same."""
    try:
        return {"data": data.decode()}
    except UnicodeDecodeError:
        return {"data_base64": base64.b64encode(data).decode()}


def _data_of(fields: EventLine) -> bytes:
    if "data" in fields:
        return str(fields["data"]).encode()
    return base64.b64decode(fields["data_base64"], validate=True)
