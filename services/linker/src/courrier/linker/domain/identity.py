"""Which e-mail a message is: the same one in every mailbox, and never somebody else's.

An e-mail's id is a keyed hash of its Message-ID; of a message sent from here it is the draft's id,
which its Message-ID carries with a signature. A Message-ID proves nothing: whoever saw one can use
it again. So a message whose From, Date and base subject differ from those of the e-mail that has
the id gets an id of its own, from its fingerprint.
"""

from datetime import datetime
from hashlib import sha256

from courrier.events.base import Mailbox
from courrier.events.identity import Identity
from courrier.mail.fingerprint import fingerprint
from courrier.mail.headers.subject import base_subject

_SEPARATOR = "\x1f"
_DIGEST_HEX = 32


def fingerprint_of(sent_from: Mailbox | None, date: datetime | None, subject: str | None) -> str:
    """Return what all copies of a message share and another message hardly does."""
    return fingerprint(sent_from.address if sent_from else None, date, subject)


def subject_key_of(subject: str | None) -> str:
    """Return a digest of the base subject, short enough to index; empty if there is none."""
    base = base_subject(subject or "")
    return _digest(base) if base else ""


def imposter_id(message_id: str, fingerprint: str, identity: Identity) -> str:
    """Return the id of a message that bears the Message-ID of another one."""
    return identity.email_of_bytes(_digest(message_id, fingerprint))


def _digest(*parts: str) -> str:
    text = _SEPARATOR.join(parts)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_HEX]
