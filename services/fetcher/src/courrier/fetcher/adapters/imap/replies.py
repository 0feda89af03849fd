"""What responses about messages mean, as values of the fetcher's own (see also ``naming``)."""

import re
from collections.abc import Iterable
from functools import lru_cache

from courrier.fetcher.adapters.imap.grammar import (
    Value,
    code,
    internal_date,
    number,
    pairs,
    values,
    words,
)
from courrier.fetcher.adapters.imap.wire import Hostile, Response
from courrier.fetcher.domain.batches import Listed
from courrier.fetcher.domain.news import Exists, Expunged, Marked, Marks, News, Vanished
from courrier.fetcher.domain.received import Fetched
from courrier.fetcher.domain.uids import HIGHEST_UID, Span
from courrier.fetcher.ports import Appended, FolderStatus, OpenFolder

_LISTED = re.compile(
    rb'\* \d{1,10} FETCH \(UID (\d{1,10}) RFC822\.SIZE (\d{1,10}) INTERNALDATE "([^"\\]{1,40})"\)'
)
"""What servers answer to the one question, in the order that it was asked in."""

_FETCHED = re.compile(
    rb"\* \d{1,10} FETCH \(UID (\d{1,10}) FLAGS \(([^()\[\]\"]*)\)"
    rb' INTERNALDATE "([^"\\]{1,40})" BODY\[\] '
)
"""The same of a whole message; its bytes follow as a literal, and ``)``."""

Items = dict[bytes, Value]

MOST_UIDS = 5_000_000
"""Messages of one folder that an answer may speak of."""
_COUNTS = (b"MESSAGES", b"UIDNEXT", b"UIDVALIDITY", b"UNSEEN", b"HIGHESTMODSEQ")


def open_folder(name: str, responses: Iterable[Response]) -> OpenFolder:
    """Return what EXAMINE tells; UIDVALIDITY 0 when the server did not say."""
    found: dict[bytes, int] = {}
    for response in responses:
        key, argument = code(response.head)
        if argument.isdigit():
            found[key] = int(argument)
        if (count := exists(response)) is not None:
            found[b"EXISTS"] = count
    return OpenFolder(
        name,
        found.get(b"UIDVALIDITY", 0),
        found.get(b"EXISTS", 0),
        found.get(b"UIDNEXT"),
        highestmodseq=found.get(b"HIGHESTMODSEQ") or None,
    )


def exists(response: Response) -> int | None:
    """Return the number of ``* 42 EXISTS``, or None."""
    match response.head.upper().split():
        case [b"*", count, b"EXISTS"] if count.isdigit():
            return int(count)
    return None


def is_fetch(response: Response) -> bool:
    """Tell whether a response speaks of one message's items."""
    return b" FETCH " in response.head[:24].upper()


def news(response: Response) -> News | None:
    """Return what an untagged response tells of the open folder, None if it tells nothing."""
    match response.head[:64].upper().split()[:3]:
        case [b"*", count, b"EXISTS"] if _is_uid(count):
            return Exists(int(count))
        case [b"*", number_of, b"EXPUNGE"] if _is_uid(number_of):
            return Expunged(int(number_of))
        case [b"*", b"VANISHED", _]:
            return Vanished(spans(response.head.split()[-1]))
        case [b"*", number_of, b"FETCH"] if _is_uid(number_of):
            for uid, items in _items([response]):
                return _marked(int(number_of), uid, items)
    return None


def _marked(number_of: int, uid: int | None, items: Items) -> Marked | None:
    found = _marks(items)
    return None if found is None else Marked(number_of, uid, found)


def found_uids(responses: Iterable[Response]) -> list[int]:
    """Return the UIDs of SEARCH and ESEARCH answers; what is no number is left out.

    Raises:
        Hostile: more than any mailbox holds.
    """
    uids: list[int] = []
    for response in responses:
        head = response.head
        if head[:8].upper() == b"* SEARCH":
            uids += [int(word) for word in head[8:].split() if _is_uid(word)]
        elif head[:9].upper() == b"* ESEARCH":
            found = re.search(rb" ALL ([0-9:,]+)", head, re.IGNORECASE)
            uids += [uid for first, last in _counted(found) for uid in range(first, last + 1)]
    return uids


def _counted(found: "re.Match[bytes] | None") -> tuple[Span, ...]:
    listed_spans = spans(found[1]) if found else ()
    if sum(last - first + 1 for first, last in listed_spans) > MOST_UIDS:
        raise Hostile("a search that finds more messages than any mailbox holds")
    return listed_spans


def spans(written: bytes) -> tuple[Span, ...]:
    """Return the ranges of a sequence-set (RFC 9051 section 9); what is no number is left out."""
    found = []
    for part in written.split(b","):
        first, _, last = part.partition(b":")
        if _is_uid(first) and (not last or _is_uid(last)):
            ends = sorted((int(first), int(last or first)))
            found.append((ends[0], ends[1]))
    return tuple(found)


def listed(responses: Iterable[Response]) -> dict[int, Listed]:
    """Return size and arrival by UID; answers without UID or size are about something else."""
    found: dict[int, Listed] = {}
    unusual: list[Response] = []
    for response in responses:
        if plain := _LISTED.fullmatch(response.head):
            uid = int(plain[1])
            if 1 <= uid <= HIGHEST_UID:
                found[uid] = Listed(uid, int(plain[2]), internal_date(plain[3]))
        else:
            unusual.append(response)
    for uid, items in _fetches(unusual):
        if (size := number(items.get(b"RFC822.SIZE"))) is not None:
            found[uid] = Listed(uid, size, internal_date(items.get(b"INTERNALDATE")))
    return found


def fetched(responses: Iterable[Response]) -> list[Fetched]:
    """Return whole messages; an answer without a body (NIL, or flags of another) is none."""
    found: list[Fetched] = []
    for response in responses:
        if one := _plain(response):
            found.append(one)
            continue
        found += [
            Fetched(
                uid, body, _flags(items.get(b"FLAGS")), internal_date(items.get(b"INTERNALDATE"))
            )
            for uid, items in _fetches([response])
            if isinstance(body := items.get(b"BODY[]"), bytes)
        ]
    return found


def _plain(response: Response) -> Fetched | None:
    """Read a message as nearly all servers send it; None where it takes the whole grammar."""
    match response.parts:
        case head, body, b")" if plain := _FETCHED.fullmatch(head):
            uid = int(plain[1])
            if 1 <= uid <= HIGHEST_UID:
                return Fetched(uid, body, _flag_words(plain[2]), internal_date(plain[3]))
    return None


@lru_cache(maxsize=512)
def _flag_words(written: bytes) -> tuple[str, ...]:
    return _flags(tuple(written.split()))


def headers(responses: Iterable[Response]) -> dict[int, bytes]:
    """Return headers by UID."""
    found = ((uid, items.get(b"BODY[HEADER]")) for uid, items in _fetches(responses))
    return {uid: header for uid, header in found if isinstance(header, bytes)}


def marks(responses: Iterable[Response]) -> dict[int, Marks]:
    """Return flags and MODSEQ by UID; answers without UID are about something else."""
    found = ((uid, _marks(items)) for uid, items in _fetches(responses))
    return {uid: one for uid, one in found if one is not None}


def status(responses: Iterable[Response]) -> FolderStatus:
    """Return what STATUS tells; a count that the server left out is None."""
    for response in responses:
        match values(response):
            case (_, bytes(word), _, tuple(told), *_) if word.upper() == b"STATUS":
                items = pairs(told)
                return FolderStatus(*(number(items.get(name)) for name in _COUNTS))
            case _:
                continue
    return FolderStatus()


def appended(text: bytes) -> Appended | None:
    """Return where an appended message is (APPENDUID, RFC 4315)."""
    match code(text):
        case (b"APPENDUID", told):
            validity, _, uid = told.partition(b" ")
            if validity.isdigit() and _is_uid(uid):
                return Appended(int(validity), int(uid))
    return None


def copied(texts: Iterable[bytes]) -> dict[int, int]:
    """Return UIDs in the target folder by those in the open one (COPYUID, RFC 4315)."""
    moved: dict[int, int] = {}
    for text in texts:
        match code(text)[0], code(text)[1].split():
            case b"COPYUID", [_, before, after]:
                here, there = spans(before), spans(after)
                if _size(here) == _size(there) <= MOST_UIDS:
                    moved |= zip(_each(here), _each(there), strict=True)
    return moved


def _size(of: tuple[Span, ...]) -> int:
    return sum(last - first + 1 for first, last in of)


def _each(of: tuple[Span, ...]) -> Iterable[int]:
    return (uid for first, last in of for uid in range(first, last + 1))


def _fetches(responses: Iterable[Response]) -> Iterable[tuple[int, Items]]:
    for uid, items in _items(responses):
        if uid is not None:
            yield uid, items


def _items(responses: Iterable[Response]) -> Iterable[tuple[int | None, Items]]:
    for response in responses:
        if not is_fetch(response):
            continue
        match values(response):
            case (_, bytes(), bytes(), tuple(told), *_):
                items = pairs(told)
                uid = number(items.get(b"UID"))
                yield (uid if uid is not None and 1 <= uid <= HIGHEST_UID else None), items
            case _:
                continue


def _marks(items: Items) -> Marks | None:
    if not isinstance(items.get(b"FLAGS"), tuple):
        return None
    match items.get(b"MODSEQ"):
        case (value,):
            return Marks(tuple(sorted(_flags(items[b"FLAGS"]))), number(value))
    return Marks(tuple(sorted(_flags(items[b"FLAGS"]))))


def _flags(value: Value) -> tuple[str, ...]:
    r"""``\Recent`` speaks of the connection, not of the message (RFC 9051 appendix E)."""
    return tuple(flag for flag in words(value) if flag.lower() != "\\recent")


def _is_uid(word: bytes) -> bool:
    return word.isdigit() and len(word) <= 10
