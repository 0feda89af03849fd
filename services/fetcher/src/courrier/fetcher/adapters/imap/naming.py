"""What responses about folders, namespaces and the server itself mean."""

from collections.abc import Iterable
from dataclasses import dataclass

from courrier.fetcher.adapters.imap import utf7
from courrier.fetcher.adapters.imap.grammar import Value, pairs, values, words
from courrier.fetcher.adapters.imap.wire import Hostile, Response
from courrier.fetcher.domain.folders import Folder

MOST_FOLDERS = 50_000


@dataclass(frozen=True, slots=True)
class Listing:
    """The server's folders, and the bytes that it calls each by."""

    folders: tuple[Folder, ...]
    wire_names: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Prefix and separator of the account's own folders, other people's, shared ones (RFC 2342)."""

    own: tuple[tuple[str, str | None], ...] = (("", None),)
    others: tuple[tuple[str, str | None], ...] = ()
    shared: tuple[tuple[str, str | None], ...] = ()


def listing(responses: Iterable[Response], *, utf8: bool = False) -> Listing:
    """Return what LIST tells (RFC 9051 section 7.3.1), each name once, the first time.

    Raises:
        Hostile: folders without end.
    """
    folders: list[Folder] = []
    wire_names: dict[str, bytes] = {}
    for response in responses:
        match values(response):
            case (_, bytes(word), attributes, separator, bytes(name), *_) if (
                word.upper() == b"LIST"
            ):
                folder = Folder(_name(name, utf8=utf8), words(attributes), _text(separator))
                if folder.name not in wire_names:
                    folders.append(folder)
                    wire_names[folder.name] = name
            case _:
                continue
        if len(folders) > MOST_FOLDERS:
            raise Hostile("folders without end")
    return Listing(tuple(folders), wire_names)


def namespaces(responses: Iterable[Response]) -> Namespaces:
    """Return what NAMESPACE tells."""
    for response in responses:
        match values(response):
            case (_, bytes(word), own, others, shared, *_) if word.upper() == b"NAMESPACE":
                return Namespaces(_prefixes(own), _prefixes(others), _prefixes(shared))
            case _:
                continue
    return Namespaces()


def identity(responses: Iterable[Response]) -> dict[str, str]:
    """Return what the server calls itself (RFC 2971), by lower-case name; bounded."""
    for response in responses:
        match values(response):
            case (_, bytes(word), tuple(told), *_) if word.upper() == b"ID":
                return {
                    _shown(name).lower(): _shown(value)
                    for name, value in pairs(told[:60]).items()
                    if isinstance(value, bytes)
                }
            case _:
                continue
    return {}


def enabled(responses: Iterable[Response]) -> frozenset[str]:
    """Return the extensions that ENABLE has switched on, in upper case."""
    lines = [one.head.upper().split() for one in responses]
    return frozenset(
        word.decode("ascii", "replace")
        for line in lines
        if line[1:2] == [b"ENABLED"]
        for word in line[2:]
    )


def _prefixes(value: Value) -> tuple[tuple[str, str | None], ...]:
    found = []
    for one in value if isinstance(value, tuple) else ():
        match one:
            case (bytes(prefix), separator, *_):
                found.append((utf7.decode(prefix), _text(separator)))
            case _:
                continue
    return tuple(found)


def _name(wire: bytes, *, utf8: bool) -> str:
    return wire.decode("utf-8", "replace") if utf8 else utf7.decode(wire)


def _text(value: Value) -> str | None:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else None


def _shown(value: bytes) -> str:
    read = value.decode("utf-8", "replace")[:200]
    return "".join(c if c.isprintable() else " " for c in read)
