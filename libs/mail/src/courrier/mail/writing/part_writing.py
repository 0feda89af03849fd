"""Body parts as they go on the wire: the transfer encoding that fits, file names by RFC 2231."""

import binascii
import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from courrier.mail.charsets.decoding import scrub
from courrier.mail.writing.encoded_words import LINE_CHARS, encoded_words
from courrier.mail.writing.field_writing import one_line
from courrier.mail.writing.outgoing import (
    InvalidContentType,
    InvalidMessageId,
    OutgoingAttachment,
    OutgoingCalendar,
)

_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,120}/[A-Za-z0-9!#$&^_.+-]{1,120}\Z")
_METHOD = re.compile(r"[A-Za-z-]{1,30}\Z")
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,500}\Z")
_BASE64_LINE = 76
_NAME_CHARS = 60
_SECTION_CHARS = 54
_MAX_LINE = 998
_PLAIN_BYTES = bytes((9, 10, *range(32, 127)))
_CONTINUES = {"%8", "%9", "%A", "%B"}
_FROM_LINE = re.compile(rb"^From ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Written:
    """A part: its MIME fields and its encoded body."""

    fields: bytes
    body: bytes


def text_part(text: str, subtype: str) -> Written:
    """A text part in UTF-8 with CRLF; 7bit if nothing on the way can change it, else what is short.

    Never format=flowed: Gmail and Outlook show its line ends as they are, while every reader joins
    the lines that quoted-printable breaks.
    """
    # A byte order mark would be shown, or taken for one.
    clean = scrub(text).lstrip("\ufeff")
    if "\r" in clean:
        clean = clean.replace("\r\n", "\n").replace("\r", "\n")
    if not clean.endswith("\n"):
        clean += "\n"
    content = clean.encode("utf-8")
    if _survives(content):
        encoding, body = "7bit", content.replace(b"\n", b"\r\n")
    elif _is_mostly_ascii(content):
        encoding, body = "quoted-printable", _quoted_printable(content)
    else:
        encoding, body = "base64", base64_lines(content.replace(b"\n", b"\r\n"))
    fields = (
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n"
    )
    return Written(fields.encode("ascii"), body)


def calendar_part(calendar: OutgoingCalendar) -> Written:
    """An invitation as one form of the body (RFC 6047 section 2.4), which Outlook and Gmail need.

    Raises:
        InvalidContentType: the method is no word.
    """
    if _METHOD.match(calendar.method) is None:
        raise InvalidContentType(f"{calendar.method[:200]!r} is no method of a calendar")
    return text_part(calendar.content, f"calendar; method={calendar.method.upper()}")


def attachment_part(attachment: OutgoingAttachment) -> Written:
    """A file in base64; an enclosed message as it is, for RFC 2046 section 5.2.1 forbids encoding.

    One that is not 7-bit, and other `message/` types, become files that open as what they are.

    Raises:
        InvalidContentType: the type is no `type/subtype`.
        InvalidMessageId: the Content-ID has blanks, brackets or control characters.
    """
    content_type, content = attachment.content_type, attachment.content
    if _TYPE.match(content_type) is None:
        raise InvalidContentType(f"{content_type[:200]!r} is no content type")
    name = one_line(attachment.filename)
    encoding, body = "base64", b""
    if content_type.lower() == "message/rfc822" and _is_plain(content):
        encoding, body = "7bit", content
    else:
        body = base64_lines(content)
        if content_type.lower() == "message/rfc822" and not name.lower().endswith(".eml"):
            name = f"{name or 'message'}.eml"
        if content_type.lower().startswith(("message/", "multipart/")):
            content_type = "application/octet-stream"
    shown = "inline" if attachment.inline else "attachment"
    fields = (
        f"Content-Type: {content_type}{_charset(content_type, content)}{_name(name)}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n"
        f"Content-Disposition: {shown}{_filename(name)}\r\n"
        f"{_content_id(attachment.content_id)}"
    )
    return Written(fields.encode("ascii"), body)


def multipart(subtype: str, parts: list[Written], seed: str) -> Written:
    """The parts between boundaries made of the seed, none of which occurs in a part.

    Args:
        subtype: perhaps with parameters.
        parts: at least one.
        seed: equal seeds give equal boundaries.
    """
    delimiter = _delimiter(subtype, parts, seed)
    pieces: list[bytes] = []
    for part in parts:
        pieces += (delimiter, b"\r\n", part.fields, b"\r\n", part.body, b"\r\n")
    pieces += (delimiter, b"--\r\n")
    boundary = delimiter[2:].decode("ascii")
    fields = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n'
    return Written(fields.encode("ascii"), b"".join(pieces))


def _delimiter(subtype: str, parts: list[Written], seed: str) -> bytes:
    """Two hyphens and the boundary; `=_` occurs in no quoted-printable and no base64."""
    number = 0
    while True:
        own = f"{subtype}\n{number}\n{seed}".encode("utf-8", "replace")
        delimiter = f"--=_{hashlib.sha256(own).hexdigest()[:32]}".encode("ascii")
        if not any(delimiter in part.body for part in parts):
            return delimiter
        number += 1


def base64_lines(content: bytes) -> bytes:
    """RFC 2045 section 6.8, lines of 76, the last one ended too."""
    encoded = binascii.b2a_base64(content, newline=False)
    lines = [encoded[at : at + _BASE64_LINE] for at in range(0, len(encoded), _BASE64_LINE)]
    lines.append(b"")
    return b"\r\n".join(lines)


def _survives(content: bytes) -> bool:
    """Whether a text may go as 7bit, and no relay or mailbox has reason to touch it.

    Some cut blanks at line ends, some put `>` before `From `, some lose a line of one dot.
    """
    if content.translate(None, _PLAIN_BYTES) or b" \n" in content or b"\t\n" in content:
        return False
    if b"From " in content and _FROM_LINE.search(content) is not None:
        return False
    if content.startswith(b".\n") or b"\n.\n" in content:
        return False
    return max(map(len, content.split(b"\n"))) <= LINE_CHARS


def _quoted_printable(content: bytes) -> bytes:
    encoded = binascii.b2a_qp(content)
    if b"From " in encoded:
        # Broken behind the word, as the line may be full already.
        encoded = _FROM_LINE.sub(b"=46rom=\n ", encoded)
    return encoded.replace(b"\n", b"\r\n")


def _is_mostly_ascii(content: bytes) -> bool:
    """Whether quoted-printable is hardly longer than base64; filters prefer what they can read."""
    return len(content.translate(None, _PLAIN_BYTES)) * 4 < len(content)


def _is_plain(content: bytes) -> bool:
    """Whether bytes may be sent as 7bit: ASCII, CRLF only, no NUL, no line beyond 998."""
    if not content.isascii() or b"\x00" in content:
        return False
    line_feeds = content.count(b"\n")
    if not line_feeds == content.count(b"\r") == content.count(b"\r\n"):
        return False
    return max(map(len, content.split(b"\r\n"))) <= _MAX_LINE


def _charset(content_type: str, content: bytes) -> str:
    """UTF-8 for a text that is: readers take it for ASCII or their country's charset otherwise."""
    if not content_type.lower().startswith("text/") or content.isascii():
        return ""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "; charset=utf-8"


def _content_id(content_id: str | None) -> str:
    if content_id is None:
        return ""
    if _CONTENT_ID.match(content_id) is None:
        raise InvalidMessageId(f"Content-ID: {content_id[:200]!r} is no content id")
    return f"Content-ID: <{content_id}>\r\n"


def _name(name: str) -> str:
    """The name for old readers, that know no RFC 2231: RFC 2047 in quotes, against its section 5.

    Thunderbird and Apple Mail write it so too. No plain `filename` beside the encoded one: some
    readers, Python's among them, take whichever comes first.
    """
    if not name:
        return ""
    if _is_simple(name):
        return f';\r\n name="{_escaped(name)}"'
    return f';\r\n name="{encoded_words(name, len(" name=") + 2)}"'


def _filename(name: str) -> str:
    """RFC 2183 section 2.3; RFC 2231 sections 3 and 4 where ASCII does not do."""
    if not name:
        return ""
    if _is_simple(name):
        return f';\r\n filename="{_escaped(name)}"'
    return _continued(quote_from_bytes(name.encode("utf-8"), safe=""))


def _is_simple(name: str) -> bool:
    return (
        name.isascii()
        and len(_escaped(name)) <= _NAME_CHARS
        and "=?" not in name
        and "%" not in name
    )


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def _continued(encoded: str) -> str:
    if len(encoded) <= _SECTION_CHARS:
        return f";\r\n filename*=utf-8''{encoded}"
    sections: list[str] = []
    start = 0
    while start < len(encoded):
        end = start + _SECTION_CHARS
        # Some readers decode each section by itself: none ends inside a code or a character.
        end -= next((back for back in (1, 2) if encoded[end - back : end - back + 1] == "%"), 0)
        while encoded[end : end + 2] in _CONTINUES:
            end -= 3
        charset = "" if sections else "utf-8''"
        sections.append(f";\r\n filename*{len(sections)}*={charset}{encoded[start:end]}")
        start = end
    return "".join(sections)
