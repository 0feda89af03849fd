"""Which messages are not to be kept, and what erasing some of them records.

A message is recognised by a keyed hash of its Message-ID (without one: of its bytes) and of what
all its copies share: the key alone tells nothing of it to whoever cannot read the mail anyway.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent, Recorded
from courrier.events.families.mailbox import MessageErased, MessageReceived
from courrier.events.identity import Identity
from courrier.events.store import History
from courrier.fetcher.domain.advance import SOURCE
from courrier.mail.fingerprint import fingerprint


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants it, and when; ``command_id`` is the same in a repeat."""

    command_id: UUID
    actor: str
    now: datetime


def key_of(message: MessageReceived, identity: Identity) -> str:
    """Return the key that all copies of this message have."""
    sender = message.sent_from.address if message.sent_from else None
    return identity.erased_message(
        message.message_id or message.raw.digest, fingerprint(sender, message.date, message.subject)
    )


def sources_by_key(
    history: Iterable[Recorded[Event]], identity: Identity
) -> dict[str, tuple[str, ...]]:
    """Return the ids of the messages among these events, by the key of each."""
    found: dict[str, tuple[str, ...]] = {}
    for recorded in history:
        if isinstance(recorded.event, MessageReceived):
            key = key_of(recorded.event, identity)
            found[key] = (*found.get(key, ()), recorded.id)
    return found


def places_of(history: Iterable[Recorded[Event]], sources: Iterable[str]) -> tuple[int, ...]:
    """Return where the messages with these ids stand, and newer readings of them."""
    wanted = set(sources)
    return tuple(
        recorded.sequence
        for recorded in history
        if recorded.id in wanted or getattr(recorded.event, "source_id", None) in wanted
    )


def tombstones(
    wanted: Mapping[str, Sequence[str]],
    heads: Mapping[str, History],
    order: Order,
    there: Sequence[Recorded[Event]] = (),
) -> list[NewEvent]:
    """Return what to append so that each of these sources stands under its key; none is repeated.

    ``heads`` is the history of each key, ``there`` what is about to be erased.
    """
    context = Context(SOURCE, order.actor, order.now, str(order.command_id), str(order.command_id))
    events = []
    for key, sources in wanted.items():
        history = heads.get(key, [])
        new = tuple(source for source in sources if source not in _recorded(history))
        if history and not new:
            continue
        last = history[-1] if history else None
        events.append(
            NewEvent(
                subjects.erased_message(key),
                MessageErased(message_key=key, source_ids=new, sequences=places_of(there, new)),
                derived_id("message-erased", key, *new),
                (last.version if last else 0) + 1,
                context,
                last.sequence if last else 0,
            )
        )
    return events


def _recorded(history: History) -> set[str]:
    events = (recorded.event for recorded in history)
    return {s for event in events if isinstance(event, MessageErased) for s in event.source_ids}
