"""Note that an administrator looks into private mail, before they do."""

from courrier.events import subjects
from courrier.events.families.identity import PrivateMailOpened
from courrier.events.store import EventStore
from courrier.gateway.domain.opening import OpenMail, opening

from .facts import Cause, Written, carry_out


async def open_mail(store: EventStore, opened: PrivateMailOpened, cause: Cause) -> Written:
    """Record who opens an e-mail and why; from then on they may read it for an hour."""
    subject = subjects.opening(opened.email_id)
    return await carry_out(store, subject, opening, OpenMail(opened), cause)
