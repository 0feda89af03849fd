"""From the order to send to the message as it will be said, or a clear refusal.

Nothing leaves that could not be delivered as meant: addresses are checked before the message is
written. Blind recipients are in the envelope and in ``OUTBOUND``, never in the bytes.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from courrier.events.base import Mailbox
from courrier.events.commands.sender import SendMessage
from courrier.events.families.drafts import MOST_FILES, WrittenFile
from courrier.events.families.mailbox import TEXT_LIMIT, AttachmentSummary, BlobRef
from courrier.events.families.outbound import SendRequested
from courrier.mail.headers.addresses import match_key
from courrier.mail.message import Mailbox as MailMailbox
from courrier.mail.writing.compose import is_shown
from courrier.mail.writing.field_writing import ids_field, wire_address
from courrier.mail.writing.outgoing import (
    InvalidAddress,
    InvalidMessageId,
    OutgoingAttachment,
    OutgoingMessage,
)
from courrier.sender.domain.account import Account

LOCAL_PART_OCTETS = 64
PATH_OCTETS = 254
"""RFC 5321 section 4.5.3.1: 64 for the local part, 256 for the path with its brackets."""
RECIPIENTS = 100
"""RFC 5321 section 4.5.3.1.8: what every server has to take in one transaction."""
NAME_CHARS = 200
SUBJECT_CHARS = 2000
SNIPPET_CHARS = 200
NO_FILES: Mapping[str, bytes] = MappingProxyType({})

_ID = re.compile(r"[0-9a-f]{32}\Z")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class NotSendable(Exception):
    """The order is declined; ``pointer`` is the field at fault (RFC 6901), if it is one field."""

    def __init__(self, reason: str, text: str, pointer: str | None = None) -> None:
        self.reason = reason
        self.text = text
        self.pointer = pointer
        super().__init__(text)


def check_ids(order: SendMessage) -> None:
    """Decline ids that cannot stand in a subject of the log.

    Raises:
        NotSendable: ``malformed``.
    """
    if not _ID.match(order.email_id):
        raise NotSendable("malformed", "email_id is 32 lower-case hex digits", "/email_id")
    if not _TOKEN.match(order.account_id):
        raise NotSendable("malformed", "account_id is no id of an account", "/account_id")


def check_account(order: SendMessage, account: Account | None) -> None:
    """Decline what this author may not send from this account.

    Raises:
        NotSendable: ``account-unknown`` (also for another person's), ``account-cannot-send``,
            ``from-not-allowed``.
    """
    if account is None or account.owner_id not in {"", order.author_id}:
        text = "There is no such e-mail account of yours: choose another one."
        raise NotSendable("account-unknown", text, "/account_id")
    if account.smtp is None:
        text = "This account has no server for outgoing mail: add one in its settings."
        raise NotSendable("account-cannot-send", text, "/account_id")
    is_its_own = match_key(order.sent_from.address) == match_key(account.address)
    if not (is_its_own or account.carries_any):
        text = f"From this account you write as {account.address} only."
        raise NotSendable("from-not-allowed", text, "/from/address")


def check_content(order: SendMessage) -> None:
    """Decline what cannot be said as meant: recipients, addresses, line breaks in header fields.

    Raises:
        NotSendable: ``no-recipient``, ``too-many-recipients``, ``bad-address``, ``line-break``,
            ``too-long``.
    """
    fields = {"to": order.to, "cc": order.cc, "bcc": order.bcc}
    if len(order.files) > MOST_FILES:
        raise NotSendable("too-many-files", f"{MOST_FILES} files at most.", "/attachments")
    count = sum(map(len, fields.values()))
    if not count:
        raise NotSendable("no-recipient", "Name at least one recipient.", "/to")
    if count > RECIPIENTS:
        text = f"{count} recipients; one message has {RECIPIENTS} at most. Use a mass mail."
        raise NotSendable("too-many-recipients", text, "/to")
    _check_mailbox(order.sent_from, "/from")
    if order.return_path:
        _check_mailbox(Mailbox(address=order.return_path), "/return_path")
    fields["reply_to"] = order.reply_to
    for name, mailboxes in fields.items():
        for index, mailbox in enumerate(mailboxes):
            _check_mailbox(mailbox, f"/{name}/{index}")
    _check_line(order.subject, SUBJECT_CHARS, "/subject")


def check_size(order: SendMessage, size: int) -> None:
    """Decline what is larger on the wire than the system lets out.

    Raises:
        NotSendable: ``too-large``.
    """
    if order.max_bytes is not None and size > order.max_bytes:
        text = f"The message has {size} bytes; {order.max_bytes} at most: leave out a file."
        raise NotSendable("too-large", text, "/attachments" if order.files else None)


def outgoing(
    order: SendMessage,
    contents: Mapping[str, bytes] = NO_FILES,
    *,
    signature: str,
    date: datetime,
) -> OutgoingMessage:
    """Return the message to be written; the same order at the same date gives the same bytes.

    ``contents`` are the files' bytes by digest.

    ``signature`` binds the Message-ID to the e-mail id, so that a copy met in a Sent folder maps
    back without a look-up. Ids of other messages that no header field can carry are left out: a
    reply to a mail with a broken Message-ID is still a reply.
    """
    domain = wire_address(order.sent_from.address).rpartition("@")[2]
    return OutgoingMessage(
        message_id=f"{order.email_id}.{signature}@{domain}",
        date=date,
        boundary_seed=order.email_id,
        from_=_mail(order.sent_from),
        to=tuple(map(_mail, order.to)),
        cc=tuple(map(_mail, order.cc)),
        subject=order.subject,
        text=order.text,
        html=order.html,
        in_reply_to=next(iter(_writable([order.in_reply_to])), None),
        references=_writable(order.references),
        reply_to=tuple(map(_mail, order.reply_to)),
        auto_submitted=order.auto_submitted,
        attachments=tuple(_enclosed(each, contents) for each in _as_enclosed(order)),
    )


def requested(order: SendMessage, message: OutgoingMessage, raw: BlobRef) -> SendRequested:
    """Return the fact that this message is to be sent."""
    return SendRequested(
        email_id=order.email_id,
        author_id=order.author_id,
        account_id=order.account_id,
        raw=raw,
        message_id=message.message_id,
        in_reply_to=message.in_reply_to,
        references=message.references,
        replies_to=order.replies_to,
        sent_from=order.sent_from,
        to=order.to,
        cc=order.cc,
        bcc=order.bcc,
        envelope_to=_envelope((*order.to, *order.cc, *order.bcc)),
        subject=order.subject,
        snippet=" ".join(order.text[:TEXT_LIMIT].split())[:SNIPPET_CHARS],
        text=order.text[:TEXT_LIMIT],
        date=message.date,
        is_notice=order.is_notice,
        attachment_count=len(order.files),
        attachments=_summaries(order),
        reply_to=order.reply_to,
        parent=order.parent,
        remind_at=order.remind_at,
        secret=order.secret,
        not_before=order.not_before,
        return_path=order.return_path,
        wants_receipt=order.wants_receipt,
    )


def _as_enclosed(order: SendMessage) -> tuple[WrittenFile, ...]:
    """Return the files as they stand in the message: those that the HTML shows come first."""
    shown = [is_shown(each.inline, each.content_id, order.html) for each in order.files]
    first = [file for file, is_first in zip(order.files, shown, strict=True) if is_first]
    return (*first, *(file for file in order.files if file not in first))


def _enclosed(file: WrittenFile, contents: Mapping[str, bytes]) -> OutgoingAttachment:
    return OutgoingAttachment(
        file.filename,
        file.content_type,
        contents[file.content.digest],
        file.content_id,
        file.inline,
    )


def _summaries(order: SendMessage) -> tuple[AttachmentSummary, ...]:
    return tuple(
        AttachmentSummary(
            position=position,
            filename=file.filename,
            content_type=file.content_type,
            size=file.content.size,
            sha256=file.content.digest,
            content_id=file.content_id,
            inline=file.inline,
        )
        for position, file in enumerate(_as_enclosed(order))
    )


def _check_mailbox(mailbox: Mailbox, pointer: str) -> None:
    _check_line(mailbox.name or "", NAME_CHARS, f"{pointer}/name")
    try:
        address = wire_address(mailbox.address)
    except InvalidAddress as error:
        text = f"{mailbox.address!r} is no e-mail address."
        raise NotSendable("bad-address", text, f"{pointer}/address") from error
    local = address.rpartition("@")[0].encode()
    if len(local) > LOCAL_PART_OCTETS or len(address.encode()) > PATH_OCTETS:
        text = f"The address {mailbox.address[:80]!r} is longer than any server takes."
        raise NotSendable("bad-address", text, f"{pointer}/address")


def _check_line(text: str, limit: int, pointer: str) -> None:
    if _CONTROL.search(text):
        refusal = "Line breaks and control characters cannot stand in a header field."
        raise NotSendable("line-break", refusal, pointer)
    if len(text) > limit:
        raise NotSendable("too-long", f"At most {limit} characters can stand here.", pointer)


def _writable(ids: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(each for each in ids if each and _is_writable(each))


def _is_writable(message_id: str) -> bool:
    try:
        return bool(ids_field("References", (message_id,)))
    except InvalidMessageId:
        return False


def _envelope(mailboxes: tuple[Mailbox, ...]) -> tuple[str, ...]:
    """Every address once, in order, as it goes into RCPT."""
    once: dict[str, str] = {}
    for mailbox in mailboxes:
        once.setdefault(match_key(mailbox.address), wire_address(mailbox.address))
    return tuple(once.values())


def _mail(mailbox: Mailbox) -> MailMailbox:
    return MailMailbox(mailbox.name, mailbox.address)
