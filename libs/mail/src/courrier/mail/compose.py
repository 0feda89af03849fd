"""A message as the bytes that go on the wire: the same values, the same bytes.

RFC 5322 and MIME, CRLF, no line above 998 octets. Nothing is made up here: id, date and boundary
come with the message. Bytes are assembled by hand, as the standard library takes 20 times as long.
"""

from datetime import datetime

from courrier.mail.field_writing import (
    ids_field,
    mailboxes_field,
    text_field,
    verbatim_field,
)
from courrier.mail.outgoing import InvalidField, NaiveDate, OutgoingMessage
from courrier.mail.part_writing import Written, attachment_part, multipart, text_part
from courrier.mail.replying import capped

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OWN_FIELDS = {
    "from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id",
    "in-reply-to", "references", "mime-version", "content-type", "content-transfer-encoding",
    "content-disposition", "content-id", "auto-submitted",
}  # fmt: skip
_AUTO_SUBMITTED = {"no", "auto-generated", "auto-replied", "auto-notified"}


def compose(message: OutgoingMessage) -> bytes:
    """Write the message.

    Raises:
        Unwritable: a field cannot be written as asked; the subclass names the fact.
    """
    body = _body(message)
    return b"".join(
        (
            *_envelope_fields(message),
            *_thread_fields(message),
            *_further_fields(message),
            b"MIME-Version: 1.0\r\n",
            body.fields,
            b"\r\n",
            body.body,
        )
    )


def needs_smtputf8(message: OutgoingMessage) -> bool:
    """Whether a local part is not ASCII, so that only an RFC 6531 server can take the message."""
    mailboxes = (message.from_, *message.to, *message.cc, *message.reply_to)
    if message.sender is not None:
        mailboxes = (*mailboxes, message.sender)
    return not all(each.address.rpartition("@")[0].isascii() for each in mailboxes)


def _envelope_fields(message: OutgoingMessage) -> list[bytes]:
    fields = [
        f"Date: {_date(message.date)}\r\n".encode("ascii"),
        mailboxes_field("From", (message.from_,)),
    ]
    if message.sender is not None:
        fields.append(mailboxes_field("Sender", (message.sender,)))
    for name, mailboxes in (
        ("Reply-To", message.reply_to),
        ("To", message.to),
        ("Cc", message.cc),
    ):
        if mailboxes:
            fields.append(mailboxes_field(name, mailboxes))
    if not message.to and not message.cc:
        # Some servers take a message without any recipient field for spam.
        fields.append(b"To: undisclosed-recipients:;\r\n")
    fields.append(text_field("Subject", message.subject))
    return fields


def _thread_fields(message: OutgoingMessage) -> list[bytes]:
    fields = [ids_field("Message-ID", (message.message_id,))]
    if message.in_reply_to is not None:
        fields.append(ids_field("In-Reply-To", (message.in_reply_to,)))
    if message.references:
        fields.append(ids_field("References", capped(message.references)))
    return fields


def _further_fields(message: OutgoingMessage) -> list[bytes]:
    fields: list[bytes] = []
    if message.auto_submitted is not None:
        if message.auto_submitted not in _AUTO_SUBMITTED:
            raise InvalidField(f"{message.auto_submitted!r} is no word of Auto-Submitted")
        fields.append(verbatim_field("Auto-Submitted", message.auto_submitted))
    for name, value in message.fields:
        if name.lower() in _OWN_FIELDS:
            raise InvalidField(f"{name} is written from the message's own values")
        fields.append(verbatim_field(name, value))
    return fields


def _date(date: datetime) -> str:
    """RFC 5322 section 3.3; by hand, as `strftime` speaks the machine's language."""
    offset = date.utcoffset()
    if offset is None:
        raise NaiveDate("the date of a message needs its time zone")
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    hours, minutes = divmod(abs(minutes), 60)
    day = f"{_DAYS[date.weekday()]}, {date.day:02d} {_MONTHS[date.month - 1]} {date.year:04d}"
    clock = f"{date.hour:02d}:{date.minute:02d}:{date.second:02d}"
    return f"{day} {clock} {sign}{hours:02d}{minutes:02d}"


def _body(message: OutgoingMessage) -> Written:
    """mixed(alternative(text, related(html, images)), files), without the levels not needed."""
    seed = message.boundary_seed
    inline = [each for each in message.attachments if each.inline and each.content_id]
    shown = inline if message.html is not None else []
    body = text_part(message.text, "plain")
    if message.html is not None:
        html = text_part(message.html, "html")
        if shown:
            html = multipart("related", [html, *map(attachment_part, shown)], seed)
        body = multipart("alternative", [body, html], seed)
    files = [each for each in message.attachments if each not in shown]
    if files:
        body = multipart("mixed", [body, *map(attachment_part, files)], seed)
    return body
