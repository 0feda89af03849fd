"""What a server tells of an open folder without being asked (RFC 9051 section 7)."""

from dataclasses import dataclass

from courrier.fetcher.domain.uids import Span

NEWS_KEPT = 1000
"""News of one connection that nobody has read yet; who missed some has to look at the folder."""


@dataclass(frozen=True, slots=True)
class Marks:
    """A message's flags as the server spells them, sorted; ``modseq`` of CONDSTORE, or None."""

    flags: tuple[str, ...]
    modseq: int | None = None


@dataclass(frozen=True, slots=True)
class Exists:
    """The folder holds so many messages now."""

    count: int


@dataclass(frozen=True, slots=True)
class Expunged:
    """The message of this number is gone: the numbers above it moved down by one."""

    number: int


@dataclass(frozen=True, slots=True)
class Vanished:
    """The messages of these UIDs are gone (RFC 7162; only after ``ENABLE QRESYNC``)."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """Somebody changed flags; many servers do not tell the UID, only the number."""

    number: int
    uid: int | None
    marks: Marks


@dataclass(frozen=True, slots=True)
class Missed:
    """So much was told that some was dropped: look at the whole folder."""


News = Exists | Expunged | Vanished | Marked | Missed
