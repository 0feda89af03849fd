"""What an answer takes over from the message that it answers (RFC 5322 section 3.6.4)."""

import re
from collections.abc import Sequence

from courrier.mail.headers.subject import is_forward, is_reply
from courrier.mail.writing.outgoing import OutgoingAttachment

MAX_REFERENCES = 50
"""Ids written; some relays refuse header blocks above 4,096 octets."""

MAX_REFERENCES_CHARS = 2_000
"""Characters of ids written, for the same reason."""


_NO_FILENAME = re.compile(r"[\x00-\x1f\x7f-\x9f<>:\"/\\|?*\u2028\u2029]+")
_NAME_CHARS = 80


def reply_references(
    references: Sequence[str], in_reply_to: str | None, message_id: str | None
) -> tuple[str, ...]:
    """The ids for References of an answer: the original's, or its In-Reply-To, and its own id."""
    before = references or ([in_reply_to] if in_reply_to else [])
    own = (message_id,) if message_id else ()
    return capped((*(each for each in before if each not in own), *own))


def capped(references: tuple[str, ...]) -> tuple[str, ...]:
    """The first and the last ids, as many as fit: the root and the parent carry the thread."""
    if not references:
        return ()
    room = MAX_REFERENCES_CHARS - len(references[0])
    last: list[str] = []
    for each in reversed(references[1:]):
        room -= len(each) + 3
        if (room < 0 and last) or len(last) + 1 >= MAX_REFERENCES:
            break
        last.append(each)
    return (references[0], *reversed(last))


def reply_subject(subject: str | None) -> str:
    """`Re: ` and the subject; the subject alone if it says so already, in any language."""
    plain = " ".join((subject or "").split())
    return plain if is_reply(plain) else f"Re: {plain}".rstrip()


def forward_subject(subject: str | None) -> str:
    """`Fwd: ` and the subject; the subject alone if it says so already, in any language."""
    plain = " ".join((subject or "").split())
    return plain if is_forward(plain) else f"Fwd: {plain}".rstrip()


def enclosed(raw: bytes, subject: str | None) -> OutgoingAttachment:
    """The original as a file that opens as a message, byte for byte: nothing of it is lost."""
    name = " ".join(_NO_FILENAME.sub(" ", subject or "").split())[:_NAME_CHARS].strip(". ")
    return OutgoingAttachment(f"{name or 'message'}.eml", "message/rfc822", raw)
