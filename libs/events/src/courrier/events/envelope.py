"""The envelope around an event: CloudEvents 1.0 in NATS headers, the event itself as JSON.

Binary content mode (CloudEvents NATS binding): attributes are ``ce-`` headers, the body is the
event and nothing else. Extensions: ``aggregateversion``, ``datadigest`` (hex SHA-256 of the
body), ``correlationid``, ``causationid``, ``actor``. W3C ``traceparent`` stands beside them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import ValidationError

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.catalogue import CATALOGUE, UnknownType

E_co = TypeVar("E_co", bound=Event, covariant=True)

EVENT_LIMIT = 256 * 1024
"""Bytes of one event's body."""
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of an event whose envelope tells none."""

UNKNOWN_TYPE = "unknown-type"
DAMAGED = "damaged"

_WORD = re.compile(r"[!-~]{1,200}")
T = TypeVar("T")


class BadEnvelope(ValueError):
    """A message on a stream is no event of ours: a header is missing or its body does not fit."""


class UnreadableHistory(Exception):
    """An aggregate has an event that this version cannot read: nothing can be decided about it."""


class Unreadable(Event):
    """Stands in a ``Recorded`` for an event that cannot be decoded; never appended.

    ``type`` is what the envelope says, ``reason`` ``unknown-type`` or ``damaged``, ``digest`` the
    hex SHA-256 of the body, of which nothing is kept. ``text`` tells what is wrong.
    """

    TYPE: ClassVar[str] = "courrier.none.Unreadable.v0"

    type: str
    reason: str
    digest: str
    text: str


class EventTooLarge(ValueError):
    """An event's JSON exceeds ``EVENT_LIMIT``: the caller has to cut a list or use a blob."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where a fact comes from: ``actor`` is ``user:<id>``, ``service:<name>`` or ``system``.

    ``correlation_id`` is shared by all that one outside cause sets off; ``causation_id`` is the
    event or command right before this one.
    """

    source: str
    actor: str
    time: datetime
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event about to be appended to ``subject``.

    ``version`` is its place in the aggregate's life (1, 2, 3…). ``expected`` is the stream
    sequence of the subject's last event as the writer saw it: 0 for 'there is none', None for
    'no matter'. In one batch only the first event of a subject may carry it. ``body`` is what
    ``body_of`` made of the event, where the writer has needed it before.
    """

    subject: str
    event: Event
    id: UUID
    version: int
    context: Context
    expected: int | None = None
    body: bytes | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E_co]):
    """An event as the log holds it; other events refer to ``id``, never to ``sequence``."""

    event: E_co
    id: str
    type: str
    time: datetime
    subject: str
    stream: str
    sequence: int
    version: int
    actor: str
    source: str
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None

    @property
    def aggregate(self) -> str:
        """The subject without family and partition."""
        return subjects.aggregate_of(self.subject)


def body_of(event: Event) -> bytes:
    """Return the event as JSON: what is stored and sent."""
    return event.__pydantic_serializer__.to_json(event, by_alias=True)


def encode(new: NewEvent) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of an event.

    Raises:
        BadEnvelope: the event stands for one that could not be read.
        EventTooLarge: the body is over ``EVENT_LIMIT`` bytes.
    """
    if isinstance(new.event, Unreadable):
        raise BadEnvelope(f"{new.subject}: what could not be read cannot be written")
    body = body_of(new.event) if new.body is None else new.body
    if len(body) > EVENT_LIMIT:
        raise EventTooLarge(f"{new.event.TYPE} on {new.subject} has {len(body)} bytes")
    return _headers(new, body), body


@lru_cache(maxsize=1024)
def _iso(moment: datetime) -> str:
    return moment.isoformat()


def _headers(new: NewEvent, body: bytes) -> dict[str, str]:
    context = new.context
    type_name = new.event.TYPE
    headers = {
        "ce-specversion": "1.0",
        "ce-id": str(new.id),
        "ce-source": context.source,
        "ce-type": type_name,
        "ce-subject": subjects.aggregate_of(new.subject),
        "ce-time": _iso(context.time),
        "ce-dataschema": f"/api/v1/schemas/{type_name}",
        "ce-aggregateversion": str(new.version),
        "ce-datadigest": sha256(body).hexdigest(),
        "ce-actor": context.actor,
    }
    if context.correlation_id:
        headers["ce-correlationid"] = context.correlation_id
    if context.causation_id:
        headers["ce-causationid"] = context.causation_id
    if context.traceparent:
        headers["traceparent"] = context.traceparent
    return headers


def decode(
    headers: Mapping[str, str], body: bytes, *, subject: str, stream: str, sequence: int
) -> Recorded[Event]:
    """Return the event in a message of a stream, in the newest version of its type.

    Raises:
        UnknownType: a type that this version's catalogue does not have.
        BadEnvelope: a header is missing or the body does not fit the type.
    """
    try:
        event = CATALOGUE.read(headers["ce-type"], body)
        return Recorded(
            event,
            headers["ce-id"],
            event.TYPE,
            datetime.fromisoformat(headers["ce-time"]),
            subject,
            stream,
            sequence,
            int(headers["ce-aggregateversion"]),
            headers["ce-actor"],
            headers["ce-source"],
            headers.get("ce-correlationid"),
            headers.get("ce-causationid"),
            headers.get("traceparent"),
        )
    except KeyError as missing:
        raise BadEnvelope(f"{stream}:{sequence} on {subject}: no {missing} header") from None
    except ValidationError as error:
        # The values stay out of the text: they are people's mail.
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise BadEnvelope(f"{stream}:{sequence} on {subject}: {'; '.join(faults)}") from None
    except ValueError as error:
        raise BadEnvelope(f"{stream}:{sequence} on {subject}: {error}") from error


def read_event(
    headers: Mapping[str, str], body: bytes, *, subject: str, stream: str, sequence: int
) -> Recorded[Event]:
    """Return the event in a message of a stream, an ``Unreadable`` where ``decode`` would raise."""
    try:
        return decode(headers, body, subject=subject, stream=stream, sequence=sequence)
    except (BadEnvelope, UnknownType, RecursionError) as error:  # the last: JSON nested too deep
        reason = UNKNOWN_TYPE if isinstance(error, UnknownType) else DAMAGED
        type_name = _word(headers, "ce-type") or "unknown"
        event = Unreadable(
            type=type_name, reason=reason, digest=sha256(body).hexdigest(), text=str(error)[:500]
        )
        return Recorded(
            event,
            _word(headers, "ce-id") or str(derived_id("unreadable", stream, str(sequence))),
            type_name,
            _time(headers.get("ce-time", "")),
            subject,
            stream,
            sequence,
            _number(headers.get("ce-aggregateversion", "")),
            _word(headers, "ce-actor") or "unknown",
            _word(headers, "ce-source") or "unknown",
        )


def readable(fact: T) -> T:
    """Return the fact.

    Raises:
        UnreadableHistory: it stands for one that could not be decoded.
    """
    if isinstance(fact, Unreadable):
        raise UnreadableHistory(
            f"an event of type {fact.type} cannot be read ({fact.reason}): run the Courrier "
            "that wrote it, or a newer one; see `courrier dead list`"
        )
    return fact


def _word(headers: Mapping[str, str], name: str) -> str | None:
    found = _WORD.fullmatch(headers.get(name, ""))
    return found[0] if found else None


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return NO_TIME


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
