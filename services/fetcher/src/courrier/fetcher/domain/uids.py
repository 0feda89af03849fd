"""A set of message UIDs as a few ranges, however many messages a folder has.

UIDs are 1 to 2^32 - 1 and only ever grow within one UIDVALIDITY (RFC 9051 section 2.3.1.1).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from courrier.events.families.mailbox import UidRange

HIGHEST_UID = 2**32 - 1
LINE_CHARACTERS = 7000
"""Characters of a sequence-set; servers take lines of 8000 (RFC 7162 section 4)."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class UidSet:
    """Ranges ``(first, last)``, both included: ascending, apart from each other, none touching."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> "UidSet":
        """Return the union of these ranges, in any order, overlapping or not."""
        merged: list[Span] = []
        for first, last in sorted(span for span in spans if span[0] <= span[1]):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    @classmethod
    def of_ranges(cls, ranges: Iterable[UidRange]) -> "UidSet":
        """Return the set that an event's ranges describe."""
        return cls.of((one.first, one.last) for one in ranges)

    def ranges(self) -> tuple[UidRange, ...]:
        """Return the set as an event carries it."""
        return tuple(UidRange(first=first, last=last) for first, last in self.spans)

    def with_span(self, span: Span) -> "UidSet":
        """Return the set with one more range."""
        return UidSet.of((*self.spans, span))

    def gaps(self) -> tuple[Span, ...]:
        """Return what is missing between 1 and ``HIGHEST_UID``, ascending."""
        missing: list[Span] = []
        start = 1
        for first, last in self.spans:
            if start < first:
                missing.append((start, first - 1))
            start = last + 1
        if start <= HIGHEST_UID:
            missing.append((start, HIGHEST_UID))
        return tuple(missing)

    def missing_of(self, uids: Iterable[int]) -> list[int]:
        """Return those of ``uids`` that the set has not, ascending, each once.

        Numbers that are no UID are left out: servers answer ``n:*`` with a message below n when
        there is none above (RFC 9051 section 9, seq-range), and hostile ones with anything.
        """
        wanted = sorted({uid for uid in uids if 1 <= uid <= HIGHEST_UID})
        missing: list[int] = []
        spans = iter(self.spans)
        span = next(spans, None)
        for uid in wanted:
            while span and span[1] < uid:
                span = next(spans, None)
            if not span or uid < span[0]:
                missing.append(uid)
        return missing


def sequence_set(uids: Iterable[int]) -> str:
    """Return UIDs as an IMAP sequence-set: ``1:5,7`` (RFC 9051 section 9)."""
    spans = UidSet.of((uid, uid) for uid in uids).spans
    return span_set(spans)


def span_set(spans: Iterable[Span]) -> str:
    """Return ranges as an IMAP sequence-set; one that reaches ``HIGHEST_UID`` ends in ``*``."""
    return ",".join(_written(first, last) for first, last in spans)


def sequence_sets(uids: Iterable[int], longest: int = LINE_CHARACTERS) -> list[str]:
    """Return UIDs as sequence-sets of at most so many characters each: servers' lines are short."""
    sets: list[str] = []
    for first, last in UidSet.of((uid, uid) for uid in uids).spans:
        written = _written(first, last)
        if sets and len(sets[-1]) + len(written) < longest:
            sets[-1] += f",{written}"
        else:
            sets.append(written)
    return sets


def _written(first: int, last: int) -> str:
    if last == HIGHEST_UID:
        return f"{first}:*"
    return str(first) if first == last else f"{first}:{last}"
