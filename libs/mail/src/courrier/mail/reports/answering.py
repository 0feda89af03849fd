"""Why no machine may answer a message (RFC 3834 section 2), as far as its header tells.

Lists and bulk mail, which reach many and mean nobody; senders that ask for silence; mail that
has no sender to answer. Whether a machine wrote it is told in `automatic.py`.
"""

import re

from courrier.mail.structure.fields import Fields, first

_PRECEDENCE = {b"bulk", b"list", b"junk"}
_OF_LISTS = frozenset(
    (
        b"list-id",
        b"list-post",
        b"list-unsubscribe",
        b"list-help",
        b"mailing-list",
        b"x-mailing-list",
        b"x-mailman-version",
        b"x-beenthere",
        b"x-loop",
    )
)
_OF_CAMPAIGNS = frozenset((b"feedback-id", b"x-campaign", b"x-campaignid", b"x-csa-complaints"))
_SILENCE = re.compile(rb"\b(?:all|autoreply)\b", re.IGNORECASE)
_NO_PATH = {b"", b"<>"}


def unanswerable(fields: Fields) -> str | None:
    """`empty-return-path`, `precedence`, `list`, `bulk`, `suppressed`, or `None`: one may answer.

    Return-Path is the uppermost one: the receiving server writes it (RFC 5321 section 4.4).
    """
    path = first(fields, b"return-path")
    if path is not None and path.strip() in _NO_PATH:
        return "empty-return-path"
    precedence = first(fields, b"precedence")
    if precedence is not None and precedence.strip().lower() in _PRECEDENCE:
        return "precedence"
    if not _OF_LISTS.isdisjoint(fields):
        return "list"
    if not _OF_CAMPAIGNS.isdisjoint(fields):
        return "bulk"
    silence = first(fields, b"x-auto-response-suppress")
    return "suppressed" if silence is not None and _SILENCE.search(silence) else None
