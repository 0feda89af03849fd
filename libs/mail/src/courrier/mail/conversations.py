"""Which messages belong together, told from their headers alone (RFC 5322 section 3.6.4).

Messages that name the same ids in Message-ID, In-Reply-To and References are one conversation,
also where what they name is missing. A header may hold anything: a person's address joins
nothing, and an id that nobody wrote and that may be none (no digits, no `@`, a digest's) joins
only what shares a base subject. An answer that names nothing to be trusted joins the conversation
of its base subject, if there is one of late and no second one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from courrier.mail.headers.subject import base_subject, is_reply
from courrier.mail.limits import MAX_IDS

WINDOW = timedelta(days=30)
"""An answer without references joins what was last said of its subject so long ago at most."""
SHORT_WINDOW = timedelta(days=4)
"""The same for a subject that many start: one short word, as `Hello`."""

_TELLING_CHARS = 8
_TELLING_CHARS_IDEOGRAPHIC = 4
_IDEOGRAPHIC = 0x2E80
_DIGIT = re.compile(r"\d")
_DIGEST_SUBJECT = re.compile(r"\bdigest\b.{0,40}\d", re.IGNORECASE)
_DIGEST_ID = re.compile(r"mailman\.|[^@]*digest", re.IGNORECASE)
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)

Node = tuple[str, str]
"""An id and ``=`` with the base subject under which it counts; empty where any may name it."""


@dataclass(frozen=True, slots=True)
class Headers:
    """What a message says of its place; ``key`` is the caller's, ids stand without brackets."""

    key: str
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    subject: str | None = None
    date: datetime | None = None
    sender: str | None = None


def conversations(messages: Sequence[Headers]) -> list[list[str]]:
    """Return the keys, each once, by conversation: in the order given, as are the conversations.

    Takes time in proportion to the messages and the ids in them.
    """
    desk = _Desk(messages)
    alone = [number for number in range(len(messages)) if not desk.join_by_ids(number)]
    desk.join_by_subject(set(alone))
    found: dict[int, list[str]] = {}
    for number, message in enumerate(messages):
        found.setdefault(desk.root(number), []).append(message.key)
    return list(found.values())


@dataclass(slots=True)
class _Talk:
    """What was last said of a base subject, and when; before it, by another conversation."""

    number: int
    at: datetime
    before: "_Talk | None" = None


@dataclass(slots=True)
class _Forest:
    """Disjoint sets over numbers; paths are halved, so that a look-up is all but constant."""

    above: list[int] = field(default_factory=list)

    def add(self) -> int:
        self.above.append(len(self.above))
        return len(self.above) - 1

    def root(self, number: int) -> int:
        above = self.above
        while above[number] != number:
            above[number] = above[above[number]]
            number = above[number]
        return number

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self.above[high] = low


class _Desk:
    """The messages of one request by their ids, their base subjects and what joins them."""

    def __init__(self, messages: Sequence[Headers]) -> None:
        self._messages = messages
        self._forest = _Forest([*range(len(messages))])
        self._nodes: dict[Node, int] = {}
        self._bases = [base_subject(each.subject or "") for each in messages]
        self._people = {each.sender.casefold() for each in messages if each.sender}
        self._writers: dict[str, dict[str, int]] = {}
        for number, message in enumerate(messages):
            if message.message_id and not self._is_person(message.message_id):
                writers = self._writers.setdefault(message.message_id, {})
                self._forest.join(writers.setdefault(self._bases[number], number), number)

    def root(self, number: int) -> int:
        """Return what stands for the message's conversation."""
        return self._forest.root(number)

    def join_by_ids(self, number: int) -> bool:
        """Join a message with what it names; whether one of the ids is beyond doubt."""
        message = self._messages[number]
        is_sure = False
        for named in _named(message):
            if named == message.message_id or self._is_person(named):
                continue
            found = self._written(named, self._bases[number])
            if found is None:
                doubtful = _is_doubtful(named)
                found = self._missing((named, f"={self._bases[number]}" if doubtful else ""))
                is_sure = is_sure or not doubtful
            elif self._is_other_digest(found, number):
                continue
            else:
                is_sure = True
            self._forest.join(found, number)
        return is_sure

    def join_by_subject(self, alone: set[int]) -> None:
        """Join answers that name nothing with the one conversation of their subject of late."""
        last: dict[str, _Talk] = {}
        for at, number in self._by_date():
            base = self._bases[number]
            if not base:
                continue
            talk = last.get(base)
            if talk and number in alone and self._continues(number, at, talk):
                self._forest.join(talk.number, number)
            last[base] = self._said(number, at, talk)

    def _is_person(self, named: str) -> bool:
        return "@" in named and named.casefold() in self._people

    def _written(self, named: str, base: str) -> int | None:
        """Return the message of this id; of several under one id, that with the same subject."""
        writers = self._writers.get(named)
        if not writers:
            return None
        return writers[base] if base in writers else writers[min(writers)]

    def _missing(self, node: Node) -> int:
        found = self._nodes.get(node)
        if found is None:
            found = self._nodes[node] = self._forest.add()
        return found

    def _is_other_digest(self, found: int, number: int) -> bool:
        """Whether a digest was answered, on a subject of its own."""
        base = self._bases[found]
        return base != self._bases[number] and _DIGEST_SUBJECT.search(base) is not None

    def _by_date(self) -> list[tuple[datetime, int]]:
        """Return the messages in the order of their dates; one without comes where it stands."""
        at, dated = _UNDATED, []
        for number, message in enumerate(self._messages):
            at = _aware(message.date) if message.date else at
            dated.append((at, number))
        return sorted(dated)

    def _continues(self, number: int, at: datetime, talk: _Talk) -> bool:
        if not is_reply(self._messages[number].subject or ""):
            return False
        window = WINDOW if _is_telling(self._bases[number]) else SHORT_WINDOW
        before = talk.before
        is_only_one = (
            before is None
            or before.at < at - WINDOW
            or self.root(before.number) == self.root(talk.number)
        )
        return talk.at >= at - window and is_only_one

    def _said(self, number: int, at: datetime, talk: _Talk | None) -> _Talk:
        if talk is None:
            return _Talk(number, at)
        if self.root(talk.number) == self.root(number):
            return _Talk(number, at, talk.before)
        return _Talk(number, at, _Talk(talk.number, talk.at))


def _named(message: Headers) -> Iterable[str]:
    yield from dict.fromkeys(message.references[-MAX_IDS:])
    if message.in_reply_to:
        yield message.in_reply_to


def _is_doubtful(named: str) -> bool:
    """Whether an id that no message bears may be something else, or may be named by anybody."""
    local, at, domain = named.rpartition("@")
    return not (at and local and domain and _DIGIT.search(local)) or bool(_DIGEST_ID.match(named))


def _is_telling(base: str) -> bool:
    if any(ord(char) >= _IDEOGRAPHIC for char in base):
        return len(base) >= _TELLING_CHARS_IDEOGRAPHIC
    return len(base) >= _TELLING_CHARS


def _aware(date: datetime) -> datetime:
    return date if date.tzinfo else date.replace(tzinfo=UTC)
