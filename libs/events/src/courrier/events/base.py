"""The words every event shares: identifiers, times, addresses and the event base class.

An event is immutable. A decoder ignores fields it does not know, because a newer writer may
have added an optional one to the same version; fields never change meaning within a version.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, ClassVar
from uuid import UUID, uuid5

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer

COURRIER_NAMESPACE = UUID("6f1f7f4c-54a4-5c0b-9a44-0d6f2a8f3c11")
"""Root of every derived id (UUIDv5, RFC 9562 section 5.5). Changing it would break I3."""


def _as_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


@lru_cache(maxsize=1024)
def rfc3339(moment: datetime) -> str:
    """Return a time as events write it: in UTC, ``2026-01-12T10:11:12Z`` (RFC 3339)."""
    """Return a time as events write it: in UTC, ``2026-01-12T10:11:12Z`` (RFC 3339)."""
    # Events of one batch share their times; writing one costs a microsecond.
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


UtcTime = Annotated[
    AwareDatetime,
    AfterValidator(_as_utc),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
]
"""An aware time, kept in UTC; ``2026-01-12T10:11:12Z`` in JSON (RFC 3339)."""


class Value(BaseModel):
    """A part of an event: frozen, equal by content."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Event(Value):
    """A fact. Subclasses set ``TYPE`` (``courrier.<family>.<PastTense>.v<n>``), once, for ever."""

    TYPE: ClassVar[str]


class Command(Value):
    """An order to another service, sent as a NATS request; ``NAME`` is part of its subject.

    ``SERVICE`` answers it, within ``ANSWER_WITHIN_S``. Sending one twice with the same
    ``command_id`` has the effect of once.
    """

    SERVICE: ClassVar[str]
    NAME: ClassVar[str]
    ANSWER_WITHIN_S: ClassVar[float] = 5.0


class Mailbox(Value):
    """A display name and an addr-spec (RFC 5322 section 3.4). ``name`` is decoded, or None."""

    name: str | None = None
    address: str


class RecordRef(Value):
    """A CRM record: ``type`` is account, contact, lead, opportunity, case or task."""

    type: str
    id: str


class Evidence(Value):
    """Why a decision was taken: the rule, and the field and value that met it.

    ``rule_id`` names the one rule where people set up several (a filter's id).
    """

    rule: str
    rule_id: str | None = None
    field: str | None = None
    value: str | None = None


def derived_id(*parts: str) -> UUID:
    """Return the id of what these parts cause: same cause, same id (invariant I3).

    Parts are joined by U+001F, which no id, subject or e-mail header value of ours contains.
    """
    return uuid5(COURRIER_NAMESPACE, "\x1f".join(parts))
