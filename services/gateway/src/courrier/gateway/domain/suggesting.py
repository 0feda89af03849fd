"""Filters that a person might want: after three like moves by hand within 14 days (they never act).

Like are moves into one own folder of mail of one list, else from one sender, else from several
senders of one domain that is not everybody's.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from courrier.events.base import derived_id
from courrier.events.families.configuration import FilterFields

from .duplicates import PUBLIC_DOMAINS

WITHIN = timedelta(days=14)
LIKE_MOVES = 3
SUGGESTIONS = 20

By = Literal["list", "sender", "domain"]


@dataclass(frozen=True, slots=True)
class Move:
    """An e-mail that its holder put into an own folder, where it still is."""

    email_id: str
    folder_id: str
    sender: str | None
    list_id: str | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the filter would be: mail of ``value`` goes into the folder; ``moves`` led to it."""

    by: By
    value: str
    folder_id: str
    moves: int

    @property
    def id(self) -> str:
        """The same for the same filter, whatever else was moved."""
        return derived_id("suggestion", self.by, self.value, self.folder_id).hex


def suggestions(
    moves: Sequence[Move], filters: Iterable[FilterFields], dismissed: Collection[str]
) -> list[Suggestion]:
    """Return what to suggest, most moved first; nothing that a filter does already.

    A move counts for the narrowest of its likenesses that has enough moves.
    """
    had = {(_criterion(each), each.folder_id) for each in filters}
    left, found = list(moves), list[Suggestion]()
    for by in ("list", "sender", "domain"):
        for (value, folder_id), alike in _groups(by, left).items():
            if len(alike) < LIKE_MOVES or (by == "domain" and _is_one_sender(alike)):
                continue
            left = [each for each in left if each not in alike]
            suggestion = Suggestion(by, value, folder_id, len(alike))
            if (_wanted(suggestion), folder_id) not in had and suggestion.id not in dismissed:
                found.append(suggestion)
    return sorted(found, key=lambda each: (-each.moves, each.value))[:SUGGESTIONS]


def criteria(suggestion: Suggestion) -> dict[str, str]:
    """Return the field of the filter that finds such mail, by its name in the API."""
    name, value = _wanted(suggestion)
    return {name: value}


def _groups(by: By, moves: Iterable[Move]) -> dict[tuple[str, str], list[Move]]:
    found: dict[tuple[str, str], list[Move]] = defaultdict(list)
    for move in moves:
        if value := _value(by, move):
            found[value, move.folder_id].append(move)
    return found


def _value(by: By, move: Move) -> str | None:
    sender = (move.sender or "").lower()
    if by == "list":
        return move.list_id and move.list_id.lower()
    if by == "sender":
        return sender or None
    domain = sender.rpartition("@")[2]
    return None if domain in PUBLIC_DOMAINS else domain or None


def _is_one_sender(moves: Iterable[Move]) -> bool:
    return len({(each.sender or "").lower() for each in moves}) == 1


def _wanted(suggestion: Suggestion) -> tuple[str, str]:
    if suggestion.by == "list":
        return "list_id", suggestion.value
    return "from", suggestion.value if suggestion.by == "sender" else f"*@{suggestion.value}"


def _criterion(fields: FilterFields) -> tuple[str, str]:
    if fields.list_id:
        return "list_id", fields.list_id.lower()
    return "from", (fields.from_ or "").lower()
