"""What a newer reading of a message says differently, and the fact of it."""

import json
from typing import Any

from courrier.events.commands.rereading import (
    SHOWN_CHARACTERS,
    FieldDifference,
    MessageDifference,
)
from courrier.events.families.mailbox import MessageFields, MessageReceived, MessageReread
from courrier.fetcher.domain.received import Fetched, Origin

FOUND = frozenset(
    {
        *("account_id", "folder", "special_use", "uidvalidity", "uid", "raw", "received_at"),
        *("flags", "holder_id", "target_folder"),
    }
)
"""Fields that say where a message was found: no reading changes them."""
READ = tuple(name for name in MessageFields.model_fields if name not in FOUND)


def origin_of(received: MessageReceived) -> Origin:
    """Return where the message was found."""
    return Origin(
        received.account_id,
        received.folder,
        received.uidvalidity,
        received.special_use,
        received.holder_id,
        received.target_folder,
    )


def as_fetched(received: MessageReceived, raw: bytes) -> Fetched:
    """Return the message as if it came now."""
    return Fetched(received.uid, raw, received.flags, received.received_at)


def differing(before: MessageFields, now: MessageFields) -> tuple[str, ...]:
    """Return the fields that are read differently, by the names that they have in events."""
    return tuple(
        MessageFields.model_fields[name].alias or name
        for name in READ
        if getattr(before, name) != getattr(now, name)
    )


def difference(
    email_id: str, before: MessageFields, now: MessageFields, fields: tuple[str, ...]
) -> MessageDifference:
    """Return for people what differs: each value as JSON, cut around where it begins to differ."""
    old, new = _shown(before), _shown(now)
    return MessageDifference(
        email_id=email_id,
        fields=tuple(_difference(field, old.get(field), new.get(field)) for field in fields),
    )


def message_reread(
    now: MessageReceived, changed: tuple[str, ...], *, source_id: str, email_id: str
) -> MessageReread:
    """Return the fact that the message is read like this now."""
    fields = now.model_dump(by_alias=True)
    named = {"source_id": source_id, "email_id": email_id, "changed": changed}
    return MessageReread.model_validate(fields | named)


def _shown(fields: MessageFields) -> dict[str, Any]:
    return fields.model_dump(mode="json", by_alias=True)


def _difference(field: str, before: Any, now: Any) -> FieldDifference:
    old, new = json.dumps(before, ensure_ascii=False), json.dumps(now, ensure_ascii=False)
    same = next(
        (at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )
    start = 0 if max(len(old), len(new)) <= SHOWN_CHARACTERS else max(0, same - 40)
    cut = slice(start, start + SHOWN_CHARACTERS)
    return FieldDifference(field=field, before=old[cut], now=new[cut])
