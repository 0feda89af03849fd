"""What a mail server tells afterwards of a message that it took: failed, delayed, or delivered.

A bounce in any form, as `parse` knows it, and the structured reports of success that RFC 3461 asks
for (RFC 3464 section 2.3.3).
"""

import re
from dataclasses import dataclass
from typing import Literal

from courrier.mail.message import BouncedRecipient
from courrier.mail.parse import summarise
from courrier.mail.reports.delivery_status import read_delivery_status
from courrier.mail.reports.returned import read_returned
from courrier.mail.structure.attachments import decoded_bytes
from courrier.mail.structure.mime import leaves_of, read_entity

Fate = Literal["bounced", "delayed", "delivered"]
STATUS_TYPE = "message/delivery-status"
TEXT_CHARS = 300

_CODE = re.compile(r"(?<![\d.])([245]\d\d)(?![\d.])")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Reported:
    """What is told of one recipient; ``code`` is that of an SMTP reply, where one is named."""

    address: str
    fate: Fate
    code: int | None
    text: str


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A report on the message ``message_id``; with ``is_hard`` the failures are for ever.

    A report in prose may name no recipient: then ``fate`` is that of whoever it was sent to.
    """

    message_id: str
    fate: Fate
    recipients: tuple[Reported, ...]
    is_hard: bool = False


def delivery_report(raw: bytes) -> DeliveryReport | None:
    """Return what a message reports on another; None if it is no report, or on no known one."""
    summary = summarise(raw)
    bounce = summary.bounce
    if bounce is None:
        return _success(raw)
    if bounce.original_message_id is None:
        return None
    told = tuple(_told(each, "bounced") for each in bounce.recipients)
    fate: Fate = "delayed" if told and all(each.fate == "delayed" for each in told) else "bounced"
    return DeliveryReport(bounce.original_message_id, fate, told, bounce.kind == "hard")


def _success(raw: bytes) -> DeliveryReport | None:
    leaves = leaves_of(read_entity(raw, []))
    structured = next((leaf for leaf in leaves if leaf.content_type == STATUS_TYPE), None)
    if structured is None:
        return None
    status = read_delivery_status(decoded_bytes(raw, structured))
    original = read_returned(raw, leaves, "", "").message_id or status.original_message_id
    if original is None or status.recipients or not status.reached:
        return None
    told = tuple(_told(each, "delivered") for each in status.reached)
    return DeliveryReport(original, "delivered", told)


def _told(recipient: BouncedRecipient, usual: Fate) -> Reported:
    said = _SPACE.sub(" ", recipient.diagnostic or "").strip()
    code = _CODE.search(said)
    words = said if recipient.status is None or recipient.status in said else None
    text = words if words is not None else f"{recipient.status} {said}".strip()
    is_late = (recipient.action or "").lower() == "delayed"
    fate: Fate = "delayed" if is_late else usual
    return Reported(recipient.address, fate, int(code[1]) if code else None, text[:TEXT_CHARS])
