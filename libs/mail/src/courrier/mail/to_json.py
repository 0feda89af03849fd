"""A parsed message as the JSON object of the HTTP interface."""

from dataclasses import asdict

from courrier.mail.message import Json, Mailbox, ParsedMessage


def to_json(message: ParsedMessage) -> dict[str, Json]:
    """Plain values only: every string valid Unicode, dates as `2026-01-12T10:11:12Z`."""
    date = message.date
    return {
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "references": list(message.references),
        "date": date.replace(tzinfo=None, microsecond=0).isoformat() + "Z" if date else None,
        "from": _mailbox(message.from_),
        "sender": _mailbox(message.sender),
        "reply_to": _mailboxes(message.reply_to),
        "to": _mailboxes(message.to),
        "cc": _mailboxes(message.cc),
        "bcc": _mailboxes(message.bcc),
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "reply_text": message.reply_text,
        "attachments": [asdict(each) for each in message.attachments],
        "auto_reply": message.auto_reply,
        "auto_reply_kind": message.auto_reply_kind,
        "bounce": _bounce(message),
        "list_id": message.list_id,
        "list_unsubscribe": message.list_unsubscribe,
        "authentication_results": message.authentication_results,
        "warnings": list(message.warnings),
    }


def _mailbox(mailbox: Mailbox | None) -> Json:
    return {"name": mailbox.name, "address": mailbox.address} if mailbox else None


def _mailboxes(mailboxes: tuple[Mailbox, ...]) -> Json:
    return [_mailbox(each) for each in mailboxes]


def _bounce(message: ParsedMessage) -> Json:
    bounce = message.bounce
    if bounce is None:
        return None
    return {
        "kind": bounce.kind,
        "recipients": [asdict(each) for each in bounce.recipients],
        "original_message_id": bounce.original_message_id,
        "confidence": bounce.confidence,
        "evidence": bounce.evidence,
    }
