"""What happens to one outgoing message (stream ``OUTBOUND``, written by the sender only).

``outbound.<p>.<e-mail id>``       one message
``outbound.<p>.<account>.state``   whether an account's server takes messages at all

An effect is bracketed: ``DeliveryStarted`` is on the log before the first byte goes to the SMTP
server, the server's answer after it. A start without an answer is uncertain and is never sent
again by itself.
"""

from typing import ClassVar

from pydantic import Field

from courrier.events.base import Event, Mailbox, RecordRef, UtcTime, Value
from courrier.events.families.mailbox import AttachmentSummary, BlobRef

SECRET_MARK = "C0DE" * 8
"""Stands for a secret in a notice until it is handed over; as long as the secret it stands for."""


class SendRequested(Event):
    """A person asked for this message to be sent; what will be said is fixed in ``raw``.

    ``envelope_to`` is every recipient once, Bcc included; ``bcc`` is here and nowhere else.
    ``is_notice``: the system writes to somebody about their access; it is nobody's e-mail. Where
    ``SECRET_MARK`` stands in it, the server gets what the vault holds under ``secret``.

    ``not_before``: nothing is begun earlier (send later, undo); None: at once. ``return_path`` is
    MAIL FROM where it is not the From address; empty: nobody is to be told (RFC 3834 section 4).
    ``wants_receipt``: the author asked to be told of delivery too (RFC 3461 NOTIFY=SUCCESS).
    ``parent`` is the record that the author says it is about; ``remind_at``: the author is to be
    reminded then unless a human has answered.
    """

    TYPE: ClassVar[str] = "courrier.outbound.SendRequested.v1"

    email_id: str
    author_id: str
    account_id: str
    raw: BlobRef
    message_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    replies_to: str | None = None
    sent_from: Mailbox = Field(alias="from")
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    envelope_to: tuple[str, ...]
    subject: str
    snippet: str = ""
    text: str = ""
    attachment_count: int = 0
    date: UtcTime
    is_notice: bool = False
    secret: str | None = None
    not_before: UtcTime | None = None
    return_path: str | None = None
    wants_receipt: bool = False
    reply_to: tuple[Mailbox, ...] = ()
    attachments: tuple[AttachmentSummary, ...] = ()
    parent: RecordRef | None = None
    remind_at: UtcTime | None = None


class OutboundCancelled(Event):
    """The message was taken back before any server had it; the same id may be requested anew."""

    TYPE: ClassVar[str] = "courrier.outbound.OutboundCancelled.v1"

    email_id: str
    attempts: int = 0


class DeliveryStarted(Event):
    """The intent: attempt ``attempt`` (from 1) is about to speak to ``host``."""

    TYPE: ClassVar[str] = "courrier.outbound.DeliveryStarted.v1"

    email_id: str
    attempt: int
    host: str
    recipients: tuple[str, ...]


class RecipientOutcome(Value):
    """What the server said of one recipient: sent, deferred or failed (RFC 5321 section 4.2)."""

    address: str
    outcome: str
    code: int | None = None
    text: str = ""


class MessageSent(Event):
    """The server took the message for at least one recipient; the others' refusals stand beside.

    Carries what the linker needs to file it, so that it never reads another event to decide.
    """

    TYPE: ClassVar[str] = "courrier.outbound.MessageSent.v1"

    email_id: str
    attempt: int
    author_id: str
    account_id: str
    raw: BlobRef
    message_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    replies_to: str | None = None
    sent_from: Mailbox = Field(alias="from")
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    subject: str
    snippet: str = ""
    attachment_count: int = 0
    date: UtcTime
    outcomes: tuple[RecipientOutcome, ...]
    is_notice: bool = False
    parent: RecordRef | None = None
    remind_at: UtcTime | None = None


class DeliveryDeferred(Event):
    """Somebody has not got it yet, but later may: those are tried again at ``retry_at``.

    ``outcomes`` are of everybody, so that some may be ``sent``: then ``MessageSent`` stands before.
    """

    TYPE: ClassVar[str] = "courrier.outbound.DeliveryDeferred.v1"

    email_id: str
    attempt: int
    outcomes: tuple[RecipientOutcome, ...]
    retry_at: UtcTime


class DeliveryFailed(Event):
    """No recipient will get it; ``text`` gives the server's words and what to do."""

    TYPE: ClassVar[str] = "courrier.outbound.DeliveryFailed.v1"

    email_id: str
    attempt: int
    outcomes: tuple[RecipientOutcome, ...]
    text: str


class RecipientsSettled(Event):
    """Those who had been put off after ``MessageSent`` have their last word: nobody waits now."""

    TYPE: ClassVar[str] = "courrier.outbound.RecipientsSettled.v1"

    email_id: str
    attempt: int
    outcomes: tuple[RecipientOutcome, ...]


class DeliveryBecameUncertain(Event):
    """It may have arrived: an attempt has no recorded answer, or the log came from a copy.

    A person or a report decides. ``attempt`` is 0 where none is known.
    """

    TYPE: ClassVar[str] = "courrier.outbound.DeliveryBecameUncertain.v1"

    email_id: str
    attempt: int
    text: str


class DeliveryReleased(Event):
    """A person decided that an uncertain message is to be sent again, perhaps a second time."""

    TYPE: ClassVar[str] = "courrier.outbound.DeliveryReleased.v1"

    email_id: str
    attempt: int
    at: UtcTime


class OutboundErased(Event):
    """All that was known of the outgoing message is gone; one that waited is not sent any more."""

    TYPE: ClassVar[str] = "courrier.outbound.OutboundErased.v1"

    email_id: str


class OutboundReopened(Event):
    """The log came back from a copy: what waited in it is held, and sending began anew.

    ``epoch`` counts how often that happened (the first log is 1); ``held`` messages are uncertain.
    """

    TYPE: ClassVar[str] = "courrier.outbound.OutboundReopened.v1"

    epoch: int
    held: int


class SendingHeldBack(Event):
    """An account's server asks to be left alone: nothing is begun there before ``until``."""

    TYPE: ClassVar[str] = "courrier.outbound.SendingHeldBack.v1"

    account_id: str
    until: UtcTime
    times: int
    text: str


class SendingResumed(Event):
    """The account's server took a message again."""

    TYPE: ClassVar[str] = "courrier.outbound.SendingResumed.v1"

    account_id: str


class DeliveryReported(Event):
    """A mail server told afterwards what became of the message; ``source_id`` brought the report.

    ``outcomes`` are those it speaks of, each ``bounced``, ``delayed`` or ``delivered``. With
    ``is_hard`` those that bounced will never work (RFC 3463: no such user or host).
    """

    TYPE: ClassVar[str] = "courrier.outbound.DeliveryReported.v1"

    email_id: str
    source_id: str
    outcomes: tuple[RecipientOutcome, ...]
    is_hard: bool = False


class AutoReplyDecided(Event):
    """Whether a group account answered an e-mail by machine; no ``reply_id``: why it did not.

    Stands on ``outbound.<p>.<account>.answered.<recipient_key>``: what stands there last says when
    that sender was answered. ``recipient_key`` is a keyed hash of the address.
    """

    TYPE: ClassVar[str] = "courrier.outbound.AutoReplyDecided.v1"

    account_id: str
    recipient_key: str
    answers: str
    reply_id: str | None = None
    reason: str


OutboundEvent = (
    SendRequested
    | OutboundCancelled
    | DeliveryStarted
    | MessageSent
    | DeliveryDeferred
    | DeliveryFailed
    | RecipientsSettled
    | DeliveryBecameUncertain
    | DeliveryReleased
    | DeliveryReported
    | OutboundErased
)
