"""Whom an answer goes to, what it is called, and which conversation it continues.

RFC 5322 section 3.6.4 for the fields; Reply-To before From; an answer to what one wrote oneself
goes to those it was written to.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from courrier.events.base import Mailbox
from courrier.mail.addresses import match_key
from courrier.mail.replying import reply_references, reply_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The message that is answered."""

    subject: str | None
    sent_from: Mailbox | None
    reply_to: Sequence[Mailbox]
    to: Sequence[Mailbox]
    cc: Sequence[Mailbox]
    message_id: str | None
    in_reply_to: str | None
    references: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The fields of the answer."""

    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    subject: str
    in_reply_to: str | None
    references: tuple[str, ...]


def answer_to(original: Original, own_addresses: Collection[str], *, everyone: bool) -> Answer:
    """Return the answer's fields; ``own_addresses`` are left out of the recipients."""
    own = {match_key(address) for address in own_addresses}
    to = _recipients(original, own)
    others = [*original.to, *original.cc] if everyone else []
    taken = own | {match_key(box.address) for box in to}
    return Answer(
        to=to,
        cc=_distinct(others, taken),
        subject=reply_subject(original.subject),
        in_reply_to=original.message_id,
        references=reply_references(original.references, original.in_reply_to, original.message_id),
    )


def _recipients(original: Original, own: set[str]) -> tuple[Mailbox, ...]:
    sender = original.sent_from
    if sender is not None and match_key(sender.address) in own:
        return _distinct(original.to, set()) or (sender,)
    answered = list(original.reply_to) or ([sender] if sender else [])
    return _distinct(answered, set())


def _distinct(boxes: Sequence[Mailbox], taken: Collection[str]) -> tuple[Mailbox, ...]:
    seen = set(taken)
    kept = []
    for box in boxes:
        key = match_key(box.address)
        if key not in seen:
            seen.add(key)
            kept.append(box)
    return tuple(kept)
