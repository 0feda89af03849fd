"""What is left of an erased e-mail, and how a copy of it is recognised."""

from courrier.events.families.email import EmailErased, EmailImported
from courrier.events.identity import Identity
from courrier.events.store import History
from courrier.linker.domain.identity import fingerprint_of

MOST = 10_000
"""Facts of one e-mail that its tombstone tells of."""


def erased(email_id: str, history: History, identity: Identity) -> EmailErased:
    """Return the fact that stays of an e-mail; the one that is there already, in a repeat."""
    for recorded in reversed(history):
        match recorded.event:
            case EmailErased() as fact:
                return fact
            case EmailImported() as imported:
                return EmailErased(email_id=email_id, message_key=_key(imported, identity))
            case _:
                continue
    return EmailErased(email_id=email_id)


def places_of(history: History) -> tuple[int, ...]:
    """Return where an e-mail's facts stand that go, the newest ``MOST`` of them."""
    return tuple(
        recorded.sequence for recorded in history if not isinstance(recorded.event, EmailErased)
    )[-MOST:]


def _key(imported: EmailImported, identity: Identity) -> str:
    fingerprint = imported.fingerprint or fingerprint_of(
        imported.sent_from, imported.date, imported.subject
    )
    return identity.erased_message(imported.message_id or imported.raw.digest, fingerprint)
