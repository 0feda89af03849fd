"""What the responses to our few commands mean, as values of the fetcher's own."""

from collections.abc import Iterable
from dataclasses import dataclass

from courrier.fetcher.adapters.imap import utf7
from courrier.fetcher.adapters.imap.grammar import (
    Value,
    code,
    internal_date,
    number,
    pairs,
    values,
    words,
)
from courrier.fetcher.adapters.imap.wire import Response
from courrier.fetcher.domain.batches import Listed
from courrier.fetcher.domain.folders import Folder
from courrier.fetcher.domain.received import Fetched
from courrier.fetcher.domain.uids import HIGHEST_UID
from courrier.fetcher.ports import OpenFolder

Items = dict[bytes, Value]


@dataclass(frozen=True, slots=True)
class Listing:
    """The server's folders, and the bytes that it calls each by."""

    folders: tuple[Folder, ...]
    wire_names: dict[str, bytes]


def listing(responses: Iterable[Response]) -> Listing:
    """Return what LIST tells (RFC 9051 section 7.3.1)."""
    folders, wire_names = [], {}
    for response in responses:
        match values(response):
            case (_, b"LIST" | b"list", attributes, separator, bytes(name), *_):
                folder = Folder(utf7.decode(name), words(attributes), _text(separator))
                folders.append(folder)
                wire_names[folder.name] = bytes(name)
            case _:
                continue
    return Listing(tuple(folders), wire_names)


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
        name, found.get(b"UIDVALIDITY", 0), found.get(b"EXISTS", 0), found.get(b"UIDNEXT")
    )


def exists(response: Response) -> int | None:
    """Return the number of ``* 42 EXISTS``, or None."""
    match response.head.upper().split():
        case [b"*", count, b"EXISTS"] if count.isdigit():
            return int(count)
    return None


def is_news(response: Response) -> bool:
    """Tell whether an untagged response speaks of new messages."""
    return exists(response) is not None


def found_uids(responses: Iterable[Response]) -> list[int]:
    """Return the UIDs of SEARCH answers; what is no number is left out."""
    uids: list[int] = []
    for response in responses:
        if response.head[:8].upper() == b"* SEARCH":
            uids += [int(word) for word in response.head[8:].split() if _is_uid(word)]
    return uids


def listed(responses: Iterable[Response]) -> dict[int, Listed]:
    """Return size and arrival by UID; answers without UID or size are about something else."""
    return {
        uid: Listed(uid, size, internal_date(items.get(b"INTERNALDATE")))
        for uid, items in _fetches(responses)
        if (size := number(items.get(b"RFC822.SIZE"))) is not None
    }


def fetched(responses: Iterable[Response]) -> list[Fetched]:
    """Return whole messages; an answer without a body (NIL, or flags of another) is none."""
    return [
        Fetched(uid, body, _flags(items.get(b"FLAGS")), internal_date(items.get(b"INTERNALDATE")))
        for uid, items in _fetches(responses)
        if (body := items.get(b"BODY[]")) is not None and isinstance(body, bytes)
    ]


def _fetches(responses: Iterable[Response]) -> Iterable[tuple[int, Items]]:
    for response in responses:
        if b"FETCH" not in response.head[:24].upper():
            continue
        match values(response):
            case (_, bytes(), bytes(name), tuple(listed_items), *_) if name.upper() == b"FETCH":
                items = pairs(listed_items)
                uid = number(items.get(b"UID"))
                if uid is not None and 1 <= uid <= HIGHEST_UID:
                    yield uid, items
            case _:
                continue


def _flags(value: Value) -> tuple[str, ...]:
    r"""``\Recent`` speaks of the connection, not of the message (RFC 9051 appendix E)."""
    return tuple(flag for flag in words(value) if flag.lower() != "\\recent")


def _is_uid(word: bytes) -> bool:
    return word.isdigit() and len(word) <= 10


def _text(value: Value) -> str | None:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else None
