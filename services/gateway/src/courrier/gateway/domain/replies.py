"""Whom an answer goes to, what it is called, and which conversation it continues.

The rules are those of all mail (`courrier.mail`); here they meet the gateway's own values.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from courrier.events.base import Mailbox
from courrier.mail.writing.recipients import Addressed, reply_recipients
from courrier.mail.writing.replying import reply_references, reply_subject

from .answering import NO_LIST, ListFields


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
    lists: ListFields = NO_LIST


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
    people = Addressed(
        sent_from=original.sent_from,
        reply_to=original.reply_to,
        to=original.to,
        cc=original.cc,
        followup_to=original.lists.followup_to,
        list_post=original.lists.list_post,
    )
    recipients = reply_recipients(people, own_addresses, "everyone" if everyone else "author")
    return Answer(
        to=recipients.to,
        cc=recipients.cc,
        subject=reply_subject(original.subject),
        in_reply_to=original.message_id,
        references=reply_references(original.references, original.in_reply_to, original.message_id),
    )
