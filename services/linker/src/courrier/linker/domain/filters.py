"""Which filter a message meets: all criteria that are set must match, the first filter wins.

Words are compared as in EspoCRM: ``from`` and ``to`` (any To address, never Cc) without case, the
subject with case, both as a whole unless ``*`` stands for any run of characters; phrases of the
body anywhere and without case. A filter without a criterion never matches.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from courrier.events.base import Evidence
from courrier.events.families.configuration import FilterFields, FilterScope
from courrier.events.families.mailbox import MessageReceived
from courrier.linker.domain.fitting import shown

FIRST: dict[FilterScope, int] = {"global": 0, "account": 1, "group": 1, "user": 2}
"""Whose filters are tried first: everybody's, those of the mailbox, the holder's own."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that is set up, with its id."""

    filter_id: str
    fields: FilterFields


@dataclass(frozen=True, slots=True)
class Met:
    """A filter that matches, and the field and value that say so."""

    filter: Filter
    field: str
    value: str | None

    @property
    def evidence(self) -> Evidence:
        """The reason as events carry it."""
        return Evidence(
            rule="filter",
            rule_id=self.filter.filter_id,
            field=self.field,
            value=shown(self.value),
        )


def in_order(filters: Iterable[Filter]) -> tuple[Filter, ...]:
    """Return the filters as they are tried: by scope, then as people ordered them, then by id."""
    return tuple(sorted(filters, key=_place))


def first_met(message: MessageReceived, filters: Iterable[Filter]) -> Met | None:
    """Return the first of these filters that matches, or None."""
    return next((met for each in filters if (met := met_by(message, each))), None)


def met_by(message: MessageReceived, candidate: Filter) -> Met | None:
    """Return why a filter matches; None if it does not, is switched off or has no criterion."""
    if not candidate.fields.active:
        return None
    found: list[tuple[str, str | None]] = []
    for field, is_set, test in _CRITERIA:
        if not is_set(candidate.fields):
            continue
        value = test(candidate.fields, message)
        if value is None:
            return None
        found.append((field, value))
    return Met(candidate, *found[0]) if found else None


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text is the pattern; ``*`` stands for any characters, also none.

    Linear in the text for each part between two stars: the leftmost place is always good enough.
    """
    first, *others = pattern.split("*")
    if not others:
        return pattern == text
    *middle, last = others
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _place(candidate: Filter) -> tuple[int, int, str]:
    fields = candidate.fields
    return FIRST[fields.scope], fields.order, candidate.filter_id


def _from(fields: FilterFields, message: MessageReceived) -> str | None:
    sender = message.sent_from
    return sender.address if sender and _same(fields.from_, sender.address) else None


def _to(fields: FilterFields, message: MessageReceived) -> str | None:
    return next((to.address for to in message.to if _same(fields.to, to.address)), None)


def _subject(fields: FilterFields, message: MessageReceived) -> str | None:
    subject = message.subject or ""
    return subject if fits(fields.subject or "", subject) else None


def _list(fields: FilterFields, message: MessageReceived) -> str | None:
    if message.list_id is None:
        return None
    bare = message.list_id.rpartition("<")[2].rstrip("> \t")
    return bare if _same(fields.list_id, bare) or _same(fields.list_id, message.list_id) else None


def _body_any(fields: FilterFields, message: MessageReceived) -> str | None:
    body = message.text.lower()
    return next((each for each in _phrases(fields.body_contains) if each.lower() in body), None)


def _body_all(fields: FilterFields, message: MessageReceived) -> str | None:
    body, phrases = message.text.lower(), _phrases(fields.body_contains_all)
    return ", ".join(phrases) if all(each.lower() in body for each in phrases) else None


def _attachment(fields: FilterFields, message: MessageReceived) -> str | None:
    listed = message.attachments
    has_files = any(not each.inline for each in listed) or message.attachment_count > len(listed)
    return str(has_files).lower() if has_files == fields.has_attachment else None


def _size(fields: FilterFields, message: MessageReceived) -> str | None:
    return str(message.raw.size) if message.raw.size > (fields.size_over or 0) else None


def _same(pattern: str | None, text: str) -> bool:
    return fits((pattern or "").lower(), text.lower())


def _phrases(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word]


Test = Callable[[FilterFields, MessageReceived], str | None]

_CRITERIA: tuple[tuple[str, Callable[[FilterFields], object], Test], ...] = (
    ("from", lambda fields: fields.from_, _from),
    ("to", lambda fields: fields.to, _to),
    ("subject", lambda fields: fields.subject, _subject),
    ("list_id", lambda fields: fields.list_id, _list),
    ("size", lambda fields: fields.size_over, _size),
    ("has_attachment", lambda fields: fields.has_attachment is not None, _attachment),
    ("body", lambda fields: _phrases(fields.body_contains), _body_any),
    ("body", lambda fields: _phrases(fields.body_contains_all), _body_all),
)
"""Cheap ones first; the first that is set is what people are told."""
