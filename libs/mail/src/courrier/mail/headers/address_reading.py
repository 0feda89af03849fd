"""The token pass over an address field, for every shape that is not plain (see `addresses`).

Encoded words are one token before anything else is, because many senders leave commas and quotes
unencoded inside them; they are decoded last, so that a decoded comma never separates.
"""

import re

from courrier.mail.headers.words import decode_words
from courrier.mail.limits import MAX_ADDRESSES
from courrier.mail.message import Mailbox

# Each alternative begins with a different character, so a failed one costs no second scan.
_TOKEN = re.compile(
    r"(?P<word>=\?[^?\s]{1,80}\?[BbQq]\?[^?]{0,2000}\?=)"
    r'|"(?P<quoted>(?:[^"\\]|\\.)*)"'
    r"|(?P<literal>\[[^\[\]]{0,300}\])"
    r"|(?P<blank>\s+)"
    r"|(?P<special>[,;:<>()@])"
    r'|(?P<atom>\\.|[^\s,;:<>()@"\[\]\\=]+|=|.)',
    re.DOTALL,
)
_AROUND_DOT_OR_AT = re.compile(r" ?([.@]) ?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ADDRESS_WITHIN = re.compile(r"<[^<>\s]{1,320}@[^<>\s]{1,320}>")
# Not what stands for recipients who are not shown.
_LOCAL = re.compile(
    r"(?!(?:undisclosed|unlisted|suppressed|hidden|recipients?|distribution|list)\b)"
    r"[\w!%+.-]{1,80}\Z",
    re.ASCII | re.IGNORECASE,
)
_MAX_COMMENT_PIECES = 1_000
_MAX_HELD_CHARS = 60


def read_mailboxes(text: str, *, decoded: bool = False) -> list[Mailbox]:
    """The mailboxes of a field in order.

    Args:
        text: the field's value, its encoded words not yet decoded.
        decoded: the text came out of an encoded word, and is not looked into a second time.
    """
    if '"' in text:
        text = _balanced(text)
    reader = _Reader(decoded=decoded)
    for match in _TOKEN.finditer(text):
        reader.take(match.lastgroup or "quoted", match.group(match.lastgroup or 0))
        if len(reader.found) >= MAX_ADDRESSES:
            break
    reader.finish()
    return reader.found[:MAX_ADDRESSES]


# No part of an address (RFC 5322 section 3.2.3); the blanks among them separate.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_UNSEEN = re.compile("[\x00-\x1f\x7f]+")


def mailbox(name: str | None, address: str) -> Mailbox:
    """As it is given out: no name is `None`, and a domain's final dot says nothing."""
    if not address.isprintable():
        address = _UNSEEN.sub("", address)  # encoded words may have brought some
    return Mailbox(name, address.removesuffix("."))


def name_text(text: str) -> str | None:
    """A display name: decoded, on one line, without the quotes that some encode with it."""
    if "=?" in text:
        text = decode_words(text).strip()
        if len(text) > 2 and text.startswith('"') and text.endswith('"'):
            text = text[1:-1]
    return " ".join(text.split()) or None


def _balanced(text: str) -> str:
    """The text without quotes that open a string which nobody closed.

    A quoted string that holds a whole address in brackets is none.
    """
    quotes = text.count('"') - text.count('\\"')
    if quotes % 2 == 0:
        return text
    pieces = text.split('"')
    out = [pieces[0]]
    is_open = False
    for index, piece in enumerate(pieces[1:], 1):
        last = index + 1 == len(pieces)
        if not is_open and (last or _ADDRESS_WITHIN.search(piece) is not None):
            out += (" ", piece)
        else:
            out += ('"', piece)
            is_open = not is_open
    return "".join(out)


class _Reader:
    """What has been seen of the mailbox at hand, and the mailboxes before it."""

    __slots__ = (
        "address", "after", "comment", "decoded", "depth", "found", "held", "in_angle", "phrase",
        "spec",
    )  # fmt: skip

    def __init__(self, *, decoded: bool) -> None:
        self.found: list[Mailbox] = []
        self.decoded = decoded
        self.depth = 0
        self.held = ""
        self._clear()

    def _clear(self) -> None:
        self.phrase: list[str] = []
        self.spec: list[str] = []
        self.after: list[str] = []
        self.comment: list[str] = []
        self.address: str | None = None
        self.in_angle = False

    def take(self, kind: str, piece: str) -> None:
        if self.depth:
            self._take_comment(kind, piece)
        elif kind == "special":
            self._take_special(piece)
        elif self.in_angle:
            self._take_in_angle(kind, piece)
        elif self.address is None:
            self._take_phrase(kind, piece)
        else:
            self.after.append(" " if kind == "blank" else piece)

    def _take_comment(self, kind: str, piece: str) -> None:
        if kind == "special":
            self.depth += (piece == "(") - (piece == ")")
        if self.depth and len(self.comment) < _MAX_COMMENT_PIECES:
            self.comment.append(piece[1:] if kind == "atom" and piece[0] == "\\" else piece)

    def _take_in_angle(self, kind: str, piece: str) -> None:
        if kind == "quoted":
            self.spec.append(f'"{piece}"')
        elif kind != "blank":
            self.spec.append(piece)

    def _take_phrase(self, kind: str, piece: str) -> None:
        if kind == "quoted":
            self.phrase.append(_ESCAPED.sub(r"\1", piece))
            # A quoted local part keeps its quotes, as they are part of the addr-spec.
            self.spec.append(f'"{piece}"')
            return
        # An unencoded at sign in an encoded word is none of this field's.
        kept = " " if kind == "blank" else piece.replace("@", "=40") if kind == "word" else piece
        self.phrase.append(kept)
        if kind != "literal" or (self.spec and self.spec[-1] == "@"):
            self.spec.append(kept)

    def _take_special(self, piece: str) -> None:
        if piece == "(":
            self.depth = 1
        elif piece == "<":
            self._open_angle()
        elif piece == ">":
            if self.in_angle:
                self._close_angle()
        elif piece in ",;":
            self._take_separator(piece)
        elif piece == ":":
            self._take_colon()
        elif self.in_angle:
            self.spec.append(piece)
        elif self.address is None:
            self._take_phrase("special", piece)
        else:
            self.after.append(piece)

    def _open_angle(self) -> None:
        if self.address is not None:
            # A comma is missing between two mailboxes.
            phrase = self.after
            self.after = []
            self.finish()
            self.phrase = phrase
        self.in_angle, self.spec = True, []

    def _take_separator(self, piece: str) -> None:
        if self.in_angle and piece == "," and self.spec and self.spec[0] == "@":
            # RFC 5322 section 4.4: commas inside the brackets belong to a source route.
            self.spec.append(piece)
            return
        if self.phrase or self.comment or self.address is not None or self.in_angle:
            self.finish(may_hold=piece == ",")
        else:
            self.held = ""
        if piece == ";":
            self.held = ""

    def _take_colon(self) -> None:
        known = "@" in self.spec and self.spec[0] != "@"
        if self.address is not None:
            self.after.append(":")
        elif known:
            self.spec.append(":")
        elif self.in_angle:
            # The end of a source route, or of a scheme.
            self.spec = []
        else:
            # The end of a group's name.
            self.held = ""
            self._clear()

    def _close_angle(self) -> None:
        address = "".join(self.spec)
        self.address = decode_words(address).strip("<> ") if "=?" in address else address
        self.in_angle = False

    def finish(self, *, may_hold: bool = False) -> None:
        """A separator or the end: what was gathered is a mailbox if it holds an address."""
        if self.in_angle:
            self._close_angle()
        phrase = "".join(self.phrase)
        if self.address is not None:
            self._add_bracketed(phrase)
        elif "@" in "".join(self.spec):
            self.held = ""
            self._add_bare()
        elif "=?" in phrase and not self.decoded:
            self._add_encoded(phrase)
        elif may_hold and len(phrase) < _MAX_HELD_CHARS and phrase.strip():
            # "Lee, Ann <ann@example.org>": a name with a comma that ought to be quoted.
            self.held = f"{self.held}{phrase.strip()}, "
        else:
            self._add_local(phrase)
            self.held = ""
        if len(self.held) > _MAX_HELD_CHARS:
            self.held = ""
        self._clear()
        self.depth = 0

    def _add_bracketed(self, phrase: str) -> None:
        if self.held and phrase.strip():
            phrase = self.held + phrase.strip()
        self.held = ""
        name = name_text(phrase) or name_text("".join(self.comment))
        address = self.address or ""
        if address and address != "@":
            self.found.append(mailbox(name or name_text("".join(self.after)), address))

    def _add_bare(self) -> None:
        """Addr-specs without brackets, perhaps among words."""
        closed = _AROUND_DOT_OR_AT.sub(r"\1", "".join(self.spec)).strip()
        specs, words = _specs_and_words(closed)
        name = name_text(words) or name_text("".join(self.comment))
        for spec in specs:
            self.found.append(mailbox(name if len(specs) == 1 else None, spec))

    def _add_local(self, phrase: str) -> None:
        """One word that is the whole field: a user of the machine itself, or a UUCP path."""
        word = phrase.strip()
        if self.found or self.held or _LOCAL.match(word) is None:
            return
        if not self.spec or self.spec[0][0] != '"':
            self.found.append(mailbox(name_text("".join(self.comment)), word))

    def _add_encoded(self, phrase: str) -> None:
        """Some encode the address together with the name."""
        inner = decode_words(phrase)
        if "@" in inner:
            self.found += read_mailboxes(inner, decoded=True)


def _specs_and_words(closed: str) -> tuple[list[str], str]:
    if closed.startswith('"') and '"@' in closed:
        # A quoted local part may hold blanks.
        local, _, rest = closed.partition('"@')
        domain, _, after = rest.partition(" ")
        return ([f'{local}"@{domain}'], after) if domain else ([], "")
    specs: list[str] = []
    words: list[str] = []
    for each in closed.split():
        plain = each.strip("'\"") if each[0] == each[-1] and each[0] in "'\"" else each
        if 0 < plain.find("@") < len(plain) - 1:
            specs.append(plain)
        else:
            words.append(each)
    return specs, " ".join(words)
