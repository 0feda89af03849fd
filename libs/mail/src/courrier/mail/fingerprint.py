"""What all copies of a message share and another message hardly does."""

from datetime import datetime
from hashlib import sha256

from courrier.mail.headers.addresses import match_key
from courrier.mail.headers.subject import base_subject

_SEPARATOR = "\x1f"
_HEX = 32


def fingerprint(from_address: str | None, date: datetime | None, subject: str | None) -> str:
    """Return 32 hex digits of From, Date and base subject; unkeyed, so that it can be guessed.

    The date counts to the second, as RFC 5322 section 3.3 writes it. The base subject, because a
    mailing list puts its tag in front; not the body, because lists and gateways add to it.
    """
    address = match_key(from_address) if from_address is not None else ""
    moment = date.replace(microsecond=0).isoformat() if date else ""
    text = _SEPARATOR.join((address, moment, base_subject(subject or "")))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HEX]
