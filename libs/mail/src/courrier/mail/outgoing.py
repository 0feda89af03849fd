"""A message to be written, as values, and why one may be refused."""

from dataclasses import dataclass
from datetime import datetime

from courrier.mail.message import Mailbox


class Unwritable(ValueError):
    """A message cannot be written as asked; the subclasses say which field is at fault."""


class InvalidAddress(Unwritable):
    """An address is no addr-spec (RFC 5322 section 3.4.1), or holds a line break or NUL."""


class InvalidMessageId(Unwritable):
    """An id is no `left@right` without blanks, brackets and control characters."""


class InvalidField(Unwritable):
    """A further field has no valid name, a name that `compose` writes itself, or a line break."""


class InvalidContentType(Unwritable):
    """An attachment's type is no `type/subtype`."""


class NaiveDate(Unwritable):
    """The date has no time zone."""


@dataclass(frozen=True, slots=True)
class OutgoingAttachment:
    """A file to enclose; with `content_id` (no brackets) and `inline` the HTML shows it by cid."""

    filename: str
    content_type: str
    content: bytes
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """All that is on the wire; blind recipients belong to the envelope and have no place here.

    Attributes:
        message_id: without brackets, as are `in_reply_to` and `references` (oldest first).
        date: aware; written with its own offset.
        boundary_seed: any text of this message's own, best its id; equal seeds, equal bytes.
        html: `None` for a message of text only.
        auto_submitted: the word of RFC 3834 section 5 (`auto-generated`, `auto-replied`).
        fields: further fields, as `("List-Unsubscribe", "<https://...>")`.
    """

    message_id: str
    date: datetime
    boundary_seed: str
    from_: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    text: str
    html: str | None = None
    cc: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    sender: Mailbox | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    auto_submitted: str | None = None
    attachments: tuple[OutgoingAttachment, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
