"""Address fields (RFC 5322 sections 3.4 and 4.4, RFC 6854 groups, RFC 6532 UTF-8), read leniently.

One pass over tokens. Encoded words are one token before anything else is, because many senders
leave commas and quotes unencoded inside them; they are decoded last, so that a decoded comma
never separates.
"""

import re
import unicodedata
from functools import lru_cache

import idna

from courrier.mail.limits import MAX_ADDRESSES
from courrier.mail.message import Mailbox
from courrier.mail.words import decode_words, raw_text

# Each alternative begins with a different character, so a failed one costs no second scan.
_TOKEN = re.compile(
    r"(?P<word>=\?[^?\s]{1,80}\?[BbQq]\?[^?<>]{0,2000}\?=)"
    r'|"(?P<quoted>(?:[^"\\]|\\.)*)"'
    r"|(?P<literal>\[[^\[\]]{0,300}\])"
    r"|(?P<blank>\s+)"
    r"|(?P<special>[,;:<>()@])"
    r'|(?P<atom>\\.|[^\s,;:<>()@"\[\]\\=]+|=|.)',
    re.DOTALL,
)
_PLAIN = re.compile(
    r"\s*(?:\"([^\"\\]*)\"|([^\"\\,;:<>()@\[\]]*))\s*<([^\s<>@\"\\,;:()\[\]]+@[^\s<>@\"\\,;:()\[\]]+)>\s*\Z"
)
_BARE = re.compile(r"\s*([^\s<>@\"\\,;:()\[\]]+@[^\s<>@\"\\,;:()\[\]]+)\s*\Z")
_AROUND_DOT_OR_AT = re.compile(r" ?([.@]) ?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# No part of an address (RFC 5322 section 3.2.3); the blanks among them separate.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")


def parse_addresses(value: bytes) -> tuple[Mailbox, ...]:
    """The mailboxes of a field, in order; groups are flattened, what has no address is left out."""
    text = raw_text(value)
    if not text.isprintable():
        text = _CONTROLS.sub("", text)
    single = _plain_mailbox(text)
    if single is not None:
        return (single,)
    reader = _Reader()
    for match in _TOKEN.finditer(text):
        reader.take(match.lastgroup or "quoted", match.group(match.lastgroup or 0))
        if len(reader.found) >= MAX_ADDRESSES:
            break
    reader.finish()
    return tuple(reader.found)


def _plain_mailbox(text: str) -> Mailbox | None:
    """The two shapes of nearly every From, without the token pass."""
    plain = _PLAIN.match(text)
    if plain is not None:
        quoted, atoms, address = plain.groups()
        return Mailbox(_name(quoted if quoted is not None else atoms), address)
    bare = _BARE.match(text)
    return Mailbox(None, bare.group(1)) if bare is not None else None


def _name(text: str) -> str | None:
    if "=?" in text:
        text = decode_words(text)
    return " ".join(text.split()) or None


class _Reader:
    """The token pass: what has been seen of the mailbox at hand, and the mailboxes before it."""

    __slots__ = ("address", "comment", "depth", "found", "in_angle", "phrase", "spec")

    def __init__(self) -> None:
        self.found: list[Mailbox] = []
        self.depth = 0
        self.comment: list[str] = []
        self._clear()

    def _clear(self) -> None:
        self.phrase: list[str] = []
        self.spec: list[str] = []
        self.address: str | None = None
        self.in_angle = False
        self.comment = []

    def take(self, kind: str, piece: str) -> None:
        if self.depth:
            self._take_comment(piece)
        elif kind == "special":
            self._take_special(piece)
        elif self.in_angle:
            self._take_in_angle(kind, piece)
        elif self.address is None:
            self._take_phrase(kind, piece)

    def _take_comment(self, piece: str) -> None:
        self.depth += (piece == "(") - (piece == ")")
        if self.depth and len(self.comment) < 1000:
            self.comment.append(piece)

    def _take_in_angle(self, kind: str, piece: str) -> None:
        if kind == "quoted":
            self.spec.append(_quoted_local(piece))
        elif kind != "blank":
            self.spec.append(piece)

    def _take_phrase(self, kind: str, piece: str) -> None:
        if kind == "quoted":
            self.phrase.append(_ESCAPED.sub(r"\1", piece))
            self.spec.append(_quoted_local(piece))
        else:
            kept = " " if kind == "blank" else piece
            self.phrase.append(kept)
            self.spec.append(kept)

    def _take_special(self, piece: str) -> None:
        if piece == "(":
            self.depth = 1
        elif piece == "<":
            self.in_angle, self.spec = True, []
        elif piece == ">" and self.in_angle:
            self._close_angle()
        elif piece in ",;":
            self._take_separator(piece)
        elif piece == ":":
            self._take_colon()
        elif self.in_angle:
            self.spec.append(piece)
        elif self.address is None:
            self._take_phrase("special", piece)

    def _take_separator(self, piece: str) -> None:
        # RFC 5322 section 4.4: commas inside the brackets belong to a source route.
        if self.in_angle and piece == "," and self.spec and self.spec[0] == "@":
            self.spec.append(piece)
        else:
            self.finish()

    def _take_colon(self) -> None:
        if self.in_angle:
            # The end of a source route.
            self.spec = []
        else:
            self._clear()

    def _close_angle(self) -> None:
        self.address = "".join(self.spec)
        self.in_angle = False

    def finish(self) -> None:
        """A separator or the end: what was gathered is a mailbox if it holds an address."""
        if self.in_angle:
            self._close_angle()
        address, name = self.address, _name("".join(self.phrase))
        if address is None:
            address, name = _bare_spec("".join(self.spec))
        if address:
            self.found.append(Mailbox(name or _name("".join(self.comment)), address))
        self._clear()
        self.depth = 0


def _bare_spec(text: str) -> tuple[str, str | None]:
    """An addr-spec without brackets, perhaps after words; empty if there is none."""
    closed = _AROUND_DOT_OR_AT.sub(r"\1", text).strip()
    at = closed.find("@")
    if at < 0 or closed == "@":
        return "", None
    quote = closed.rfind('"', 0, at - 1) if at and closed[at - 1] == '"' else at
    start = closed.rfind(" ", 0, max(quote, 0)) + 1
    address, _, after = closed[start:].partition(" ") if quote == at else (closed[start:], "", "")
    return address, _name(f"{closed[:start]} {after}")


def _quoted_local(piece: str) -> str:
    """A quoted local part keeps its quotes, as they are part of the addr-spec."""
    return f'"{piece}"'


@lru_cache(maxsize=8192)
def match_key(address: str) -> str:
    """The form under which an address is compared with others: equal keys, same mailbox.

    NFC, all case-folded (no provider tells local parts apart by case), the domain as A-labels
    (UTS 46) without a final dot. An address that cannot be so written is only folded.
    """
    folded = unicodedata.normalize("NFC", address.strip()).casefold()
    local, at, domain = folded.rpartition("@")
    if not at:
        return folded
    return f"{local}@{_ascii_domain(domain.rstrip('.'))}"


def _ascii_domain(domain: str) -> str:
    if domain.isascii() or len(domain) > 253:
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain
