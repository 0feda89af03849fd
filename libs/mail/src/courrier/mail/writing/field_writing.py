"""Header fields as they go on the wire: folded at 78, encoded by RFC 2047, never more than asked.

No text can begin a second field: control characters in free text become blanks, and where a value
has a grammar, one that breaks it is refused.
"""

import re

import idna

from courrier.mail.charsets.decoding import scrub
from courrier.mail.message import Mailbox
from courrier.mail.writing.encoded_words import LINE_CHARS, encoded_words
from courrier.mail.writing.outgoing import InvalidAddress, InvalidField, InvalidMessageId

_LONG_WORD_CHARS = 900
_FOLD = "\r\n "

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+\Z")
_NEVER = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_LOCAL = re.compile(
    rf"(?:[^\s{_NEVER}<>()\[\]\\,;:\"@]+|\"(?:[^\"\\{_NEVER}]|\\[^{_NEVER}]){{0,64}}\")\Z"
)
_DOMAIN = re.compile(
    r"(?!.*\.\.)(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[!-Z^-~]{1,255}\])\Z"
)
_ID_SIDE = r"[!-;=?A-~]{1,900}"
_MESSAGE_ID = re.compile(rf"{_ID_SIDE}@{_ID_SIDE}\Z")
_ANY_ID = re.compile(r"[!-;=?-~]{1,900}\Z")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,70}\Z")


def text_field(name: str, text: str) -> bytes:
    """A field of free text (Subject, Comments), ended by CRLF."""
    clean = one_line(text)
    if not clean:
        return f"{name}:\r\n".encode("ascii")
    if _needs_encoding(clean):
        return f"{name}: {encoded_words(clean, len(name) + 2)}\r\n".encode("ascii")
    return f"{name}: {_folded(clean, len(name) + 2)}\r\n".encode("ascii")


def verbatim_field(name: str, value: str) -> bytes:
    """A field that the caller has in its final form; folded only.

    Raises:
        InvalidField: the name is none, or the value holds a control character other than a tab.
    """
    if _FIELD_NAME.match(name) is None:
        raise InvalidField(f"{name[:200]!r} is no name of a header field")
    if _CONTROLS.search(value.replace("\t", " ")) is not None:
        raise InvalidField(f"{name}: a line break or control character cannot stand in the field")
    if _needs_encoding(value):
        return text_field(name, value)
    return f"{name}: {_folded(value.strip(), len(name) + 2)}\r\n".encode("ascii")


def mailboxes_field(name: str, mailboxes: tuple[Mailbox, ...]) -> bytes:
    """An address field; UTF-8 remains only in local parts, which need SMTPUTF8."""
    lines: list[str] = []
    line = f"{name}:"
    for index, mailbox in enumerate(mailboxes):
        written = _mailbox(mailbox, name)
        written += "," if index + 1 < len(mailboxes) else ""
        first_line = written.partition("\r\n")[0]
        if len(line) + 1 + len(first_line) > LINE_CHARS and not line.endswith(":"):
            lines.append(line)
            line = ""
        line += " " + written
    lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")


def ids_field(name: str, ids: tuple[str, ...]) -> bytes:
    """Message-ID, In-Reply-To and References, one id a line.

    Our own is `left@right`; those of others are repeated as they are, or no thread is found.

    Raises:
        InvalidMessageId: an id is none, or has blanks, brackets, controls or more than ASCII.
    """
    valid = _MESSAGE_ID if name == "Message-ID" else _ANY_ID
    for each in ids:
        if valid.match(each) is None or len(each) > _LONG_WORD_CHARS:
            raise InvalidMessageId(f"{name}: {each[:200]!r} is no message id")
    return (f"{name}: " + "\r\n ".join(f"<{each}>" for each in ids) + "\r\n").encode("ascii")


def wire_address(address: str) -> str:
    """The addr-spec with its domain in A-labels (RFC 5890), as RFC 6531 servers take it too.

    Raises:
        InvalidAddress: it is no addr-spec.
    """
    local, at, domain = address.rpartition("@")
    if not at or _LOCAL.match(local) is None or len(address) > _LONG_WORD_CHARS:
        raise InvalidAddress(f"{address[:200]!r} is no address")
    if not domain.isascii():
        domain = _a_labels(domain, address)
    if _DOMAIN.match(domain) is None:
        raise InvalidAddress(f"{address[:200]!r} has no valid domain")
    return f"{local}@{domain}"


def one_line(text: str) -> str:
    """Free text without controls, line breaks, byte order marks and blanks at its ends."""
    return _CONTROLS.sub(" ", scrub(text).replace("\ufeff", "")).strip()


def _a_labels(domain: str, address: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidAddress(f"{address[:200]!r} has no valid domain") from error


def named(name: str | None, bracketed: str, field: str) -> str:
    """A phrase and what stands in brackets behind it, on a line of its own if the two are long."""
    phrase = " ".join(one_line(name or "").split())
    if not phrase:
        return bracketed
    if _needs_encoding(phrase) or len(phrase) > LINE_CHARS - 20:
        phrase = encoded_words(phrase, len(field) + 2)
    elif _ATOMS.match(phrase) is None:
        phrase = '"' + phrase.replace("\\", "\\\\").replace('"', '\\"') + '"'
    last_line = len(phrase.rpartition("\n")[2])
    return f"{phrase}{_FOLD if last_line + len(bracketed) > LINE_CHARS - 16 else ' '}{bracketed}"


def _mailbox(mailbox: Mailbox, field: str) -> str:
    try:
        address = wire_address(mailbox.address)
    except InvalidAddress as error:
        raise InvalidAddress(f"{field}: {error}") from error
    return named(mailbox.name, f"<{address}>", field) if mailbox.name else address


def _needs_encoding(text: str) -> bool:
    return not text.isascii() or "=?" in text or _has_long_word(text)


def _has_long_word(text: str) -> bool:
    return len(text) > _LONG_WORD_CHARS and max(map(len, text.split(" "))) > _LONG_WORD_CHARS


def _folded(text: str, used: int) -> str:
    """Line breaks before blanks, so that unfolding gives the same text (RFC 5322 2.2.3)."""
    if used + len(text) <= LINE_CHARS:
        return text
    lines: list[str] = []
    start = 0
    room = LINE_CHARS - used
    while len(text) - start > room:
        # A break is made before a blank that follows a word: no line is blank.
        at = text.rfind(" ", start + 1, start + room + 1)
        while at > start and text[at - 1] == " ":
            at -= 1
        if at <= start:
            at = _next_break(text, start)
        if at < 0:
            break
        lines.append(text[start:at])
        start, room = at, LINE_CHARS
    lines.append(text[start:])
    return "\r\n".join(lines)


def _next_break(text: str, start: int) -> int:
    """The first blank behind the word that begins at or after `start`."""
    word = re.compile(r" *[^ ]+").match(text, start)
    return text.find(" ", word.end()) if word is not None else -1
