"""Body parts as they go on the wire: the transfer encoding that fits, file names by RFC 2231."""

import binascii
import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from courrier.mail.charsets import scrub
from courrier.mail.field_writing import LINE_CHARS, one_line
from courrier.mail.outgoing import InvalidContentType, InvalidMessageId, OutgoingAttachment

_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,120}/[A-Za-z0-9!#$&^_.+-]{1,120}\Z")
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,500}\Z")
_BASE64_LINE = 76
_SECTION_CHARS = 60
_MAX_LINE = 998


@dataclass(frozen=True, slots=True)
class Written:
    """A part: its MIME fields and its encoded body."""

    fields: bytes
    body: bytes


def text_part(text: str, subtype: str) -> Written:
    """A text part in UTF-8 with CRLF; 7bit if its lines are short, else what is shorter."""
    clean = scrub(text).replace("\r\n", "\n").replace("\r", "\n")
    if not clean.endswith("\n"):
        clean += "\n"
    content = clean.encode("utf-8")
    charset = "utf-8"
    if clean.isascii() and max(map(len, clean.split("\n"))) <= LINE_CHARS and "=_" not in clean:
        encoding, body = "7bit", content.replace(b"\n", b"\r\n")
        charset = "us-ascii"
    elif _is_mostly_ascii(content):
        encoding = "quoted-printable"
        body = binascii.b2a_qp(content).replace(b"\n", b"\r\n")
    else:
        encoding, body = "base64", base64_lines(content.replace(b"\n", b"\r\n"))
    fields = (
        f"Content-Type: text/{subtype}; charset={charset}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n"
    )
    return Written(fields.encode("ascii"), body)


def attachment_part(attachment: OutgoingAttachment) -> Written:
    """A file in base64; an enclosed message as it is, for RFC 2046 section 5.2.1 forbids encoding.

    Raises:
        InvalidContentType: the type is no `type/subtype`.
        InvalidMessageId: the Content-ID has blanks, brackets or control characters.
    """
    content_type = attachment.content_type
    if _TYPE.match(content_type) is None:
        raise InvalidContentType(f"{content_type!r} is no content type")
    encoding, body = "base64", b""
    if content_type.lower().startswith(("message/", "multipart/")):
        if content_type.lower() == "message/rfc822" and _is_plain(attachment.content):
            encoding, body = "7bit", attachment.content
        else:
            content_type = "application/octet-stream"
    if encoding == "base64":
        body = base64_lines(attachment.content)
    shown = "inline" if attachment.inline else "attachment"
    fields = (
        f"Content-Type: {content_type}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n"
        f"Content-Disposition: {shown}{_filename(attachment.filename)}\r\n"
        f"{_content_id(attachment.content_id)}"
    )
    return Written(fields.encode("ascii"), body)


def multipart(subtype: str, parts: list[Written], seed: str) -> Written:
    """The parts between boundaries made of the seed.

    `=_` occurs in no base64, no quoted-printable and no 7bit text of ours, so the boundary cannot
    occur in a body; an enclosed message cannot know its parent's seed.
    """
    own = f"{subtype}\n{seed}".encode("utf-8", "replace")
    boundary = f"=_{hashlib.sha256(own).hexdigest()[:32]}"
    delimiter = f"--{boundary}".encode("ascii")
    pieces: list[bytes] = []
    for part in parts:
        pieces += (delimiter, b"\r\n", part.fields, b"\r\n", part.body, b"\r\n")
    pieces += (delimiter, b"--\r\n")
    fields = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n'
    return Written(fields.encode("ascii"), b"".join(pieces))


def base64_lines(content: bytes) -> bytes:
    """RFC 2045 section 6.8, lines of 76, the last one ended too."""
    encoded = binascii.b2a_base64(content, newline=False)
    lines = [encoded[at : at + _BASE64_LINE] for at in range(0, len(encoded), _BASE64_LINE)]
    lines.append(b"")
    return b"\r\n".join(lines)


def _is_mostly_ascii(content: bytes) -> bool:
    """Whether quoted-printable (three bytes for one) is shorter than base64 (four for three)."""
    beyond = len(content) - len(content.decode("ascii", "ignore"))
    return beyond * 6 < len(content)


def _is_plain(content: bytes) -> bool:
    """Whether bytes may be sent as 7bit: ASCII, CRLF only, no NUL, no line beyond 998."""
    if not content.isascii() or b"\x00" in content:
        return False
    lines = content.split(b"\r\n")
    return all(len(line) <= _MAX_LINE and not {10, 13} & set(line) for line in lines)


def _content_id(content_id: str | None) -> str:
    if content_id is None:
        return ""
    if _CONTENT_ID.match(content_id) is None:
        raise InvalidMessageId(f"{content_id!r} is no content id")
    return f"Content-ID: <{content_id}>\r\n"


def _filename(filename: str) -> str:
    """RFC 2183 section 2.3; RFC 2231 sections 3 and 4 where ASCII does not do."""
    name = one_line(filename)
    if not name:
        return ""
    if name.isascii() and len(name) <= _SECTION_CHARS and "=?" not in name and "%" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f';\r\n filename="{escaped}"'
    return _continued(quote_from_bytes(name.encode("utf-8"), safe=""))


def _continued(encoded: str) -> str:
    if len(encoded) <= _SECTION_CHARS:
        return f";\r\n filename*=utf-8''{encoded}"
    sections: list[str] = []
    start = 0
    while start < len(encoded):
        end = start + _SECTION_CHARS
        # A section does not end inside a percent code.
        end -= next((back for back in (1, 2) if encoded[end - back : end - back + 1] == "%"), 0)
        charset = "" if sections else "utf-8''"
        sections.append(f";\r\n filename*{len(sections)}*={charset}{encoded[start:end]}")
        start = end
    return "".join(sections)
