"""E-mails that a person may see, with what they may see of them: the only way to an e-mail's row.

Nothing leaves here that ``domain/access.py`` does not let the person see: no e-mail, no holder of a
private copy, no blind recipient. Lists, pages, parts and streams all come by here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import (
    Person,
    may_know_holder,
    may_read_email,
    may_see_bcc,
    sight,
)
from courrier.mail.headers.addresses import match_key

from . import draft_views
from .draft_emails import view_of_draft
from .email_views import (
    DeliveryView,
    EmailView,
    Holder,
    emails_by_ids,
    emails_on_their_way,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What the reader of a record may know of mail that its holders keep to themselves."""

    date: datetime
    sent_from: dict[str, str | None] | None
    to: list[dict[str, str | None]]
    cc: list[dict[str, str | None]]
    holders: list[Holder]


async def readable_emails(
    pool: Pool, ids: Sequence[str], person: Person, *, with_text: bool
) -> list[EmailView]:
    """Return those of these e-mails that the person may read, in this order."""
    found = await emails_by_ids(pool, ids, person.id, with_text=with_text)
    return [_seen(view, person) for view in found if may_read_email(person, view.access)]


async def readable_email(pool: Pool, email_id: str, person: Person) -> EmailView | None:
    """Return an e-mail that the person may read, writes, or has just sent; None for any other."""
    known = await emails_by_ids(pool, [email_id], person.id, with_text=True)
    if not known and (draft := await draft_views.draft_by_id(pool, email_id, person)):
        return view_of_draft(draft)
    found = known or await emails_on_their_way(pool, [email_id], person.id)
    if not found or not may_read_email(person, found[0].access):
        return None
    return _seen(found[0], person)


async def unsent_emails(pool: Pool, ids: Sequence[str], person: Person) -> list[EmailView]:
    """Return those of these drafts and messages on their way that are the person's, in order."""
    written = await draft_views.drafts_by_ids(pool, ids, person)
    leaving = await emails_on_their_way(pool, ids, person.id)
    found = {view.id: view for view in (*leaving, *map(view_of_draft, written))}
    return [replace(found[each], text=None) for each in ids if each in found]


async def hidden_email(pool: Pool, email_id: str, person: Person) -> EmailView | None:
    """Return an e-mail that is there and not for this person; for those who may open it."""
    found = await emails_by_ids(pool, [email_id], person.id, with_text=True)
    return next((view for view in found if not may_read_email(person, view.access)), None)


async def traces(pool: Pool, ids: Sequence[str], person: Person) -> list[Trace]:
    """Return what may be told of those of these e-mails of which the person sees a trace only."""
    found = await emails_by_ids(pool, ids, person.id, with_text=False)
    return [_trace(view, person) for view in found if sight(person, view.access) == "trace"]


def _seen(view: EmailView, person: Person) -> EmailView:
    delivery = view.delivery and _delivery(view.delivery, person)
    return replace(view, holders=_holders(view, person), delivery=delivery)


def _holders(view: EmailView, person: Person) -> list[Holder]:
    mail = view.access
    return [holder for holder in view.holders if may_know_holder(person, mail, holder.id)]


def _delivery(delivery: DeliveryView, person: Person) -> DeliveryView:
    """Servers name recipients in their answers: who may not know all of them reads none."""
    if may_see_bcc(person, delivery.author_id):
        return delivery
    hidden = {match_key(str(box["address"])) for box in delivery.bcc}
    open_ones = [
        each | {"text": ""}
        for each in delivery.outcomes
        if match_key(str(each["address"])) not in hidden
    ]
    return replace(delivery, bcc=[], outcomes=open_ones, explanation="")


def _trace(view: EmailView, person: Person) -> Trace:
    return Trace(
        date=view.date,
        sent_from=view.sent_from,
        to=view.to,
        cc=view.cc,
        holders=_holders(view, person),
    )
