"""Header fields as they go on the wire: folded at 78, encoded by RFC 2047, never more than asked.

No text can begin a second field: control characters in free text become blanks, and where a value
has a grammar, one that breaks it is refused.
"""

import binascii
import re

import idna

from courrier.mail.charsets import scrub
from courrier.mail.message import Mailbox
from courrier.mail.outgoing import InvalidAddress, InvalidField, InvalidMessageId

LINE_CHARS = 78
"""RFC 5322 section 2.1.1: what a line should not exceed."""

_LONG_WORD_CHARS = 900
_WORD_OVERHEAD = len("=?utf-8?B??=")
_WORD_CHARS = 75

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+\Z")
_LOCAL = re.compile(
    r"(?:[^\s\x00-\x1f\x7f<>()\[\]\\,;:\"@]+|\"(?:[^\"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f]){0,64}\")\Z"
)
_DOMAIN = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[!-Z^-~]{1,255}\])\Z")
_MESSAGE_ID = re.compile(r"[^\s\x00-\x20\x7f<>@]+@[^\s\x00-\x20\x7f<>@]+\Z")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,70}\Z")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def text_field(name: str, text: str) -> bytes:
    """A field of free text (Subject, Comments), ended by CRLF."""
    clean = one_line(text)
    if _needs_encoding(clean):
        return f"{name}: {_encoded(clean, len(name) + 2)}\r\n".encode("ascii")
    return f"{name}: {_folded(clean, len(name) + 2)}\r\n".encode("ascii")


def verbatim_field(name: str, value: str) -> bytes:
    """A field that the caller has in its final form; folded only.

    Raises:
        InvalidField: the name is none, or the value holds a line break or NUL.
    """
    if _FIELD_NAME.match(name) is None or _CONTROLS.search(value.replace("\t", " ")) is not None:
        raise InvalidField(f"{name!r} cannot be written as a header field")
    if _needs_encoding(value):
        return text_field(name, value)
    return f"{name}: {_folded(value.strip(), len(name) + 2)}\r\n".encode("ascii")


def mailboxes_field(name: str, mailboxes: tuple[Mailbox, ...]) -> bytes:
    """An address field; UTF-8 remains only in local parts, which need SMTPUTF8."""
    lines: list[str] = []
    line = f"{name}:"
    for index, mailbox in enumerate(mailboxes):
        written = _mailbox(mailbox, len(name) + 2)
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

    Raises:
        InvalidMessageId: an id is none.
    """
    for each in ids:
        if _MESSAGE_ID.match(each) is None or len(each) > _LONG_WORD_CHARS:
            raise InvalidMessageId(f"{each!r} is no message id")
    return (f"{name}: " + "\r\n ".join(f"<{each}>" for each in ids) + "\r\n").encode("utf-8")


def wire_address(address: str) -> str:
    """The addr-spec with its domain in A-labels (RFC 5890), as RFC 6531 servers take it too.

    Raises:
        InvalidAddress: it is no addr-spec.
    """
    local, at, domain = address.rpartition("@")
    if not at or _LOCAL.match(local) is None or len(address) > _LONG_WORD_CHARS:
        raise InvalidAddress(f"{address!r} is no address")
    if not domain.isascii():
        domain = _a_labels(domain, address)
    if _DOMAIN.match(domain) is None:
        raise InvalidAddress(f"{address!r} has no valid domain")
    return f"{local}@{domain}"


def one_line(text: str) -> str:
    """Free text without control characters, line breaks and blanks at its ends."""
    return _CONTROLS.sub(" ", scrub(text)).strip()


def _a_labels(domain: str, address: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidAddress(f"{address!r} has no valid domain") from error


def _mailbox(mailbox: Mailbox, used: int) -> str:
    address = wire_address(mailbox.address)
    name = " ".join(one_line(mailbox.name or "").split())
    if not name:
        return address
    if _needs_encoding(name) or len(name) > LINE_CHARS - 20:
        name = _encoded(name, used)
    elif _ATOMS.match(name) is None:
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    break_or_blank = (
        "\r\n " if len(name.rpartition("\n")[2]) + len(address) > LINE_CHARS - 14 else " "
    )
    return f"{name}{break_or_blank}<{address}>"


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


def _encoded(text: str, used: int) -> str:
    """RFC 2047 words of at most 75 characters, none of which cuts a character in two."""
    content = text.encode("utf-8")
    use_q = sum(byte not in _Q_SAFE and byte != 0x20 for byte in content) * 5 < len(content)
    words: list[str] = []
    room = max(24, LINE_CHARS - used) if used < LINE_CHARS - 24 else _WORD_CHARS
    start = 0
    while start < len(content):
        payload_room = min(room, _WORD_CHARS) - _WORD_OVERHEAD
        end = _q_end(content, start, payload_room) if use_q else start + payload_room // 4 * 3
        end = _character_edge(content, start, end)
        words.append(_word(content[start:end], use_q=use_q))
        start, room = end, _WORD_CHARS
    return "\r\n ".join(words)


def _q_end(content: bytes, start: int, room: int) -> int:
    end, cost = start, 0
    while end < len(content):
        cost += 1 if content[end] in _Q_SAFE or content[end] == 0x20 else 3
        if cost > room:
            break
        end += 1
    return end


def _character_edge(content: bytes, start: int, end: int) -> int:
    """The nearest edge of a UTF-8 character at or before `end`, but behind `start`."""
    if end >= len(content):
        return len(content)
    while end > start and content[end] & 0xC0 == 0x80:
        end -= 1
    return end


def _word(content: bytes, *, use_q: bool) -> str:
    if not use_q:
        return f"=?utf-8?B?{binascii.b2a_base64(content, newline=False).decode('ascii')}?="
    payload = "".join(
        chr(byte) if byte in _Q_SAFE else "_" if byte == 0x20 else f"={byte:02X}"
        for byte in content
    )
    return f"=?utf-8?Q?{payload}?="
