"""Which fields a record of each type has, what they start with, and how a change is laid over them.

Every type has the fields that the API names for all of them; the others belong to some types.
Statuses and stages are the usual ones by default, and any other word that a company uses.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from courrier.events.families.crm import RecordFields
from courrier.mail.headers.addresses import match_key

from .refusals import Unfit

CUSTOM_BYTES = 64 * 1024
ADDRESSES = 50


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One type: the fields that not every type has, and the first status or stage."""

    own: frozenset[str]
    start: Mapping[str, str]
    choices: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


_REACHED = frozenset({"phone", "website"})

KINDS: Mapping[str, RecordKind] = {
    "account": RecordKind(_REACHED, {}),
    "contact": RecordKind(_REACHED, {}),
    "lead": RecordKind(
        _REACHED,
        {"status": "New"},
        ("New", "Assigned", "In Process", "Converted", "Recycled", "Dead"),
        ("Converted", "Recycled", "Dead"),
    ),
    "opportunity": RecordKind(
        frozenset({"amount", "currency", "closes_on"}),
        {"stage": "Prospecting"},
        ("Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won", "Closed Lost"),
        ("Closed Won", "Closed Lost"),
    ),
    "case": RecordKind(
        frozenset({"lead_id", "priority", "number"}),
        {"status": "New"},
        ("New", "Assigned", "Pending", "Closed", "Rejected", "Duplicate"),
        ("Closed", "Rejected", "Duplicate"),
    ),
    "task": RecordKind(
        frozenset({"parent", "due_at", "priority"}),
        {"status": "Not Started"},
        ("Not Started", "Started", "Completed", "Canceled", "Deferred"),
        ("Completed", "Canceled"),
    ),
}
_OWNED = frozenset().union(*(kind.own for kind in KINDS.values()))


def is_closed(record_type: str, status: str | None) -> bool:
    """Tell whether a record in this status needs nobody's work any more."""
    words = {each.casefold() for each in KINDS[record_type].closed}
    return (status or "").casefold() in words


def started(record_type: str, fields: RecordFields) -> RecordFields:
    """Return a new record's fields, with the first status or stage where none is given."""
    start = KINDS[record_type].start
    missing = {name: value for name, value in start.items() if getattr(fields, name) is None}
    return fields.model_copy(update=missing) if missing else fields


def patched(fields: RecordFields, changes: Mapping[str, object]) -> RecordFields:
    """Return the fields after a change; ``custom`` is merged (RFC 7396), the rest replaced.

    What was said of an address that the record has no more is forgotten with it.

    Raises:
        Unfit: ``custom`` would become too large.
    """
    update = dict(changes)
    if isinstance(named := update.get("custom"), Mapping):
        update["custom"] = _merged(fields.custom, named)
        if fields.custom and len(json.dumps(update["custom"])) > CUSTOM_BYTES:
            raise Unfit(f"over {CUSTOM_BYTES} bytes in all", pointer="/custom")
    after = fields.model_copy(update=update)
    if "email_addresses" not in changes:
        return after
    kept = {match_key(address) for address in after.email_addresses}
    stale = {
        name: tuple(each for each in getattr(after, name) if match_key(each) in kept)
        for name in ("opted_out", "invalid")
        if name not in changes
    }
    return after.model_copy(update=stale)


def check(record_type: str, fields: RecordFields) -> RecordFields:
    """Return the fields with each address once, if a record of this type can have them.

    Raises:
        Unfit: a field that the type does not have, or a mark on an address it does not have.
    """
    for name in _OWNED - KINDS[record_type].own:
        if getattr(fields, name) is not None:
            raise Unfit(f"a record of type {record_type} has no {name}", pointer=f"/{name}")
    once = _once(fields.email_addresses)
    if len(once) > ADDRESSES:
        raise Unfit(f"over {ADDRESSES} addresses", pointer="/email_addresses")
    keys = {match_key(address) for address in once}
    for name in ("opted_out", "invalid"):
        for place, address in enumerate(getattr(fields, name)):
            if match_key(address) not in keys:
                raise Unfit("not among email_addresses", pointer=f"/{name}/{place}")
    if once == fields.email_addresses:
        return fields
    return fields.model_copy(update={"email_addresses": once})


def _once(addresses: tuple[str, ...]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for address in addresses:
        first.setdefault(match_key(address), address)
    return tuple(first.values())


def _merged(target: Mapping[str, object], patch: Mapping[str, object]) -> dict[str, object]:
    """Lay a merge patch over an object (RFC 7396 section 2); its depth is bounded by the API."""
    result = dict(target)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            before = result.get(name)
            result[name] = _merged(before if isinstance(before, Mapping) else {}, value)
        else:
            result[name] = value
    return result
