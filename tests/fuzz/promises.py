"""What the reading of any bytes promises, checked on one message: the oracle of all fuzzing."""

import hashlib
import json
import re
import time

from courrier.mail.html.cost import nests_too_much
from courrier.mail.html.sanitise import safe_html
from courrier.mail.message import Mailbox, ParsedMessage
from courrier.mail.parse import attachment_bytes, parse, summarise
from courrier.mail.to_json import to_json

FREE_S = 0.05
S_PER_MB = 1.0
"""Seconds that reading may take: so much for any message, and so much for each megabyte."""
SHOWN_ATTACHMENTS = 3

_FORBIDDEN = re.compile(
    r"<\s*(?:script|style|iframe|object|embed|svg|math|form|input|meta|base|link)\b"
    r"|<[^>]*\s(?:on\w+|srcset|formaction|background)\s*="
    r"|<[^>]*\s(?:href|src)\s*=\s*\"?\s*(?:javascript|vbscript|file)",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")


def check_reading(raw: bytes, slowness: float = 1.0) -> None:
    """Read a message in every way and raise ``AssertionError`` where a promise is broken.

    Args:
        raw: any bytes.
        slowness: how much slower than usual this process runs (instrumented code).
    """
    started = time.process_time()
    message = parse(raw)
    took = time.process_time() - started
    allowed = slowness * (FREE_S + S_PER_MB * len(raw) / 1e6)
    assert took < allowed, f"{len(raw)} bytes took {took:.2f} s"
    written = json.dumps(to_json(message), ensure_ascii=False)
    assert "\\u0000" not in written
    written.encode("utf-8")
    _check_agreement(raw, message)
    _check_attachments(raw, message)
    _check_values(message)
    if message.html is not None:
        check_html(message.html)


def check_html(shown: str) -> None:
    """Raise where sanitised HTML holds what it must not, or changes when it is cleaned again."""
    found = _FORBIDDEN.search(shown)
    assert found is None, found
    # What misnests is closed in the result, which may then be too deep to be read once more by us.
    if not nests_too_much(shown):
        assert shown == safe_html([(shown, True)])


def _check_agreement(raw: bytes, whole: ParsedMessage) -> None:
    summary = summarise(raw)
    for name in summary.__dataclass_fields__:
        if name != "text":
            assert getattr(whole, name) == getattr(summary, name), name
    assert whole.text.startswith(summary.text)


def _check_attachments(raw: bytes, message: ParsedMessage) -> None:
    for number, card in enumerate(message.attachments[:SHOWN_ATTACHMENTS]):
        content = attachment_bytes(raw, number)
        assert content is not None
        assert card.size == len(content)
        assert card.sha256 == hashlib.sha256(content).hexdigest()
    for card in message.attachments:
        name = card.filename or "file"
        assert "/" not in name, name
        assert not _UNSEEN.search(name), name


def _check_values(message: ParsedMessage) -> None:
    if message.date is not None:
        assert message.date.utcoffset() is not None
    for mailbox in (*message.to, *message.cc, *message.bcc, *message.reply_to):
        _check_mailbox(mailbox)
    for reference in message.references:
        assert reference.strip("<> \t\r\n") == reference
    assert message.subject is None or "\n" not in message.subject
    if message.bounce is not None:
        for recipient in message.bounce.recipients:
            assert "@" in recipient.address or recipient.address.strip()


def _check_mailbox(mailbox: Mailbox) -> None:
    assert mailbox.address
    assert not _UNSEEN.search(mailbox.address), mailbox
    assert mailbox.name is None or mailbox.name.strip() == mailbox.name
