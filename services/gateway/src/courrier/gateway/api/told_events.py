"""What of a batch of events a person may have: the one rule of ``/stream`` and of webhooks."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.gateway.domain.access import LinkedRecord, Person, may_read_record, reach
from courrier.gateway.domain.streaming import TYPES, email_of, is_authors, record_of, told
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import readable_emails, records
from courrier.gateway.projections.email_views import EmailView

Json = dict[str, Any]


async def visible(
    gateway: Gateway, person: Person, batch: Sequence[Recorded[Event]], types: Collection[str]
) -> list[tuple[Recorded[Event], Json]]:
    """Return those of the events that the person may have now, with what is told of them.

    Of these types only, unless none is named.
    """
    wanted = [each for each in batch if each.type in TYPES and (not types or each.type in types)]
    ids = {email_id for each in wanted if (email_id := email_of(each.event))}
    found = await readable_emails.readable_emails(
        gateway.pool, sorted(ids), person, with_text=False
    )
    emails = {view.id: view for view in found}
    return [
        (each, data)
        for each in wanted
        if (data := await _told(gateway, person, each.event, emails)) is not None
    ]


def shown_event(recorded: Recorded[Event], data: Json) -> Json:
    """Return an event as people and programs get it."""
    return {
        "id": recorded.id,
        "type": recorded.type,
        "time": recorded.time,
        "subject": recorded.aggregate,
        "data": data,
    }


async def _told(
    gateway: Gateway, person: Person, event: Event, emails: Mapping[str, EmailView]
) -> Json | None:
    ref = record_of(event)
    if ref is not None:
        row = await records.record_by_id(gateway.pool, ref)
        access = row.access if row else LinkedRecord(ref.type)
        return told(event, reach(person), ()) if may_read_record(person, access) else None
    view = emails.get(email_of(event) or "")
    if view is None:
        return None
    author = view.delivery.author_id if view.delivery else None
    if is_authors(event) and author != person.id:
        return None
    readable = {(link.type, link.id) for link in view.links if may_read_record(person, link.access)}
    return told(event, reach(person), readable)
