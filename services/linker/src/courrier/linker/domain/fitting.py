"""An e-mail always fits into one event: a hostile header must not stop everybody's mail.

The fetcher cuts a message's lists and lines so that *its* event fits; ours repeats them and adds
the decision. The message itself is whole in its blob.
"""

from courrier.events.envelope import EVENT_LIMIT
from courrier.events.families.email import EmailImported

FEW = 20
"""List entries that fit whatever is in them, at 6 bytes a character in JSON: no need to measure."""
KEPT = 5
"""Entries kept of each list of an e-mail that would not fit: first addresses, last ids."""
EVIDENCE_CHARS = 200
"""Characters of a header shown as a reason."""


def fitting(imported: EmailImported) -> EmailImported:
    """Return the fact with its lists cut if one event would not hold them."""
    lists = (imported.reply_to, imported.to, imported.cc, imported.references)
    if sum(map(len, lists)) <= FEW or _size(imported) <= EVENT_LIMIT:
        return imported
    shorter = {
        "reply_to": imported.reply_to[:KEPT],
        "to": imported.to[:KEPT],
        "cc": imported.cc[:KEPT],
        "references": imported.references[-KEPT:],
    }
    return imported.model_copy(update=shorter)


def shown(value: str | None) -> str | None:
    """Return a header's value as evidence shows it."""
    return value[:EVIDENCE_CHARS] if value else value


def _size(imported: EmailImported) -> int:
    return len(imported.model_dump_json(by_alias=True).encode())
