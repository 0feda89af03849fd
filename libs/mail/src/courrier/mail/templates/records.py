"""What placeholders may say of records: the fields and links of each type, and values in words.

Records come as plain mappings of their fields, so that whoever has some can fill a template.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .filling import Values
from .moments import Moment, in_words
from .placeholders import MASS_MAIL, Placeholder, field_name

_ANY = frozenset({"id", "name", "description", "external_id"})
_REACHED = frozenset({"email_address", "phone", "website"})
_PERSON = frozenset({"first_name", "last_name"})
FIELDS: Mapping[str, frozenset[str]] = {
    "account": _ANY | _REACHED,
    "contact": _ANY | _REACHED | _PERSON,
    "lead": _ANY | _REACHED | _PERSON | {"status"},
    "opportunity": _ANY | {"stage", "amount", "currency", "closes_on"},
    "case": _ANY | {"number", "status", "priority"},
    "task": _ANY | {"status", "priority", "due_at"},
    "user": frozenset({"id", "name", "first_name", "last_name", "email_address"}),
    "email": frozenset({"name", "subject"}),
}
_BELONGS = {"account": "account", "assigned_user": "user"}
LINKS: Mapping[str, Mapping[str, str]] = {
    "account": {"assigned_user": "user"},
    "contact": _BELONGS,
    "lead": _BELONGS,
    "opportunity": _BELONGS | {"contact": "contact"},
    "case": _BELONGS | {"contact": "contact", "lead": "lead"},
    "task": _BELONGS | {"contact": "contact", "parent": ""},
}
"""The links of each type and where they lead; empty: to a record of any type."""
_OTHER_NAMES = {
    "phone_number": "phone",
    "email": "email_address",
    "amount_currency": "currency",
    "close_date": "closes_on",
    "date_end": "due_at",
    "due_date": "due_at",
}
PEOPLE = ("contact", "lead", "user", "account")
ROOTS: Mapping[str, tuple[str, ...]] = {
    **{kind.capitalize(): (kind,) for kind in FIELDS},
    "Person": PEOPLE,
    "Parent": tuple(LINKS),
}
"""What a placeholder may begin with, and the types of records that may stand behind it."""
KNOWN_TYPES = frozenset(ROOTS)
CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Entity:
    """A record of type ``kind`` with its plain fields.

    ``links`` are the records it leads to: None where it leads nowhere, absent where what it leads
    to is not to be read.
    """

    kind: str
    fields: Mapping[str, Any]
    links: Mapping[str, "Entity | None"] = field(default_factory=dict)


def fault_of(placeholder: Placeholder) -> str | None:
    """Return why no record can ever fill it in: ``unknown-type``, ``unknown-field``, or None."""
    if not placeholder.path:
        return None
    kinds = ROOTS.get(placeholder.root)
    if kinds is None:
        return "unknown-type"
    return None if any(_has(kind, placeholder.path) for kind in kinds) else "unknown-field"


def reason_of(placeholder: Placeholder) -> str:
    """Return why a placeholder was not filled in; ``no-record``: no such record was at hand."""
    if placeholder.root in MASS_MAIL:
        return "mass-mail-only"
    return fault_of(placeholder) or "no-record"


def values_of(entities: Mapping[str, Entity], moment: Moment) -> Values:
    """Return what placeholders stand for, given the record behind each root, and the time."""
    plain = {
        "today": in_words(moment.today, moment),
        "now": in_words(moment.now, moment),
        "currentYear": str(moment.today.year),
    }
    for root, entity in entities.items():
        plain |= {f"{root}.{name}": value for name, value in _said_of(entity, moment)}
    return Values(plain, {}, KNOWN_TYPES)


def _said_of(entity: Entity, moment: Moment) -> Iterable[tuple[str, str]]:
    yield from _own(entity, moment)
    for link, linked in entity.links.items():
        if linked is None:
            kind = LINKS.get(entity.kind, {}).get(link, "")
            yield from ((f"{link}.{name}", "") for name in _names(kind or "contact"))
        else:
            yield from ((f"{link}.{name}", value) for name, value in _own(linked, moment))


def _own(entity: Entity, moment: Moment) -> Iterable[tuple[str, str]]:
    for name in _names(entity.kind):
        yield name, in_words(_value(entity, _OTHER_NAMES.get(name, name)), moment)
    custom = entity.fields.get(CUSTOM)
    if isinstance(custom, Mapping):
        for name, value in custom.items():
            yield f"{CUSTOM}.{field_name(str(name))}", in_words(value, moment)


def _names(kind: str) -> frozenset[str]:
    fields = FIELDS.get(kind, frozenset())
    return fields | {other for other, name in _OTHER_NAMES.items() if name in fields}


def _value(entity: Entity, name: str) -> object:
    fields = entity.fields
    if name == "email_address":
        return next(iter(fields.get("email_addresses") or ()), None)
    if name == "name" and not fields.get("name"):
        return " ".join(filter(None, (fields.get("first_name"), fields.get("last_name"))))
    if entity.kind == "user" and name in _PERSON:
        first, _, last = str(fields.get("name") or "").rpartition(" ")
        return (first or last) if name == "first_name" else last if first else ""
    return fields.get(name)


def _has(kind: str, path: tuple[str, ...]) -> bool:
    if len(path) == 1:
        return path[0] in _names(kind)
    link, name = path
    if link == CUSTOM:
        return kind not in {"user", "email"}
    leads_to = LINKS.get(kind, {}).get(link)
    if leads_to is None:
        return False
    return any(name in _names(each) for each in ([leads_to] if leads_to else FIELDS))
