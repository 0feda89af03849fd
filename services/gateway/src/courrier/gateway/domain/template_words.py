"""What is said of placeholders that cannot be filled in, and which links a template follows.

A template reads records as whoever uses it may: what they may not see is as if it were not there.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from courrier.events.base import RecordRef
from courrier.events.families.crm import RecordFields
from courrier.mail.templates.placeholders import Placeholder
from courrier.mail.templates.records import LINKS, fault_of, reason_of

from .refusals import InTheWay

_WORDS: Mapping[str, tuple[str, str]] = {
    "unknown-type": (
        "{text}: there is no type of record of this name",
        "{text} : aucun type de fiche ne porte ce nom",
    ),
    "unknown-field": (
        "{text}: records of this type have no such field",
        "{text} : les fiches de ce type n'ont pas ce champ",
    ),
    "no-record": (
        (
            "{text}: no such record is at hand, or none that you may read; choose one, or give a "
            "fallback after a bar"
        ),
        (
            "{text} : aucune fiche de ce type n'est disponible, ou aucune que vous puissiez lire ; "
            "choisissez-en une, ou donnez un texte de repli après une barre"
        ),
    ),
    "mass-mail-only": (
        "{text}: this has a meaning in mass mail only",
        "{text} : ceci n'a de sens que dans un envoi en nombre",
    ),
}


class Unresolved(InTheWay):
    """Placeholders stand in the text that nothing was filled in for: it is not sent."""


def unresolved_json(found: Iterable[Placeholder], language: str) -> list[dict[str, str]]:
    """Return placeholders that were not filled in, as answers show them."""
    return [_shown(each, reason_of(each), language) for each in found]


def warnings_json(found: Iterable[Placeholder], language: str) -> list[dict[str, str]]:
    """Return those that no record can ever fill in, as answers show them."""
    faults = ((each, fault_of(each)) for each in found)
    return [_shown(each, fault, language) for each, fault in faults if fault is not None]


def refuse_unresolved(found: Sequence[Placeholder], language: str) -> None:
    """Let a text pass in which every placeholder was filled in.

    Raises:
        Unresolved: it is not to be sent.
    """
    if found:
        texts = [each["text"] for each in unresolved_json(found[:5], language)]
        raise Unresolved("; ".join(texts), pointer="/text")


def link_ids(ref: RecordRef, fields: RecordFields) -> dict[str, RecordRef | None]:
    """Return where the links of a record lead; None for one that leads nowhere."""
    ids: dict[str, str | None] = {
        "account": fields.account_id,
        "contact": next(iter(fields.contact_ids), None),
        "lead": fields.lead_id,
        "assigned_user": fields.assigned_user_id,
    }
    found: dict[str, RecordRef | None] = {}
    for link, kind in LINKS.get(ref.type, {}).items():
        if link == "parent":
            found[link] = fields.parent
            continue
        linked = ids[link]
        found[link] = RecordRef(type=kind, id=linked) if linked else None
    return found


def wanted_links(asked: Sequence[Placeholder]) -> frozenset[str]:
    """Return the links that a template follows, and those that lead to what it names by type."""
    linked = {each.path[0] for each in asked if len(each.path) == 2}
    named = {each.root.lower().replace("person", "contact") for each in asked}
    return frozenset(linked | (named & {"account", "contact"}))


def _shown(placeholder: Placeholder, reason: str, language: str) -> dict[str, Any]:
    words = _WORDS[reason][language == "fr"]
    return {
        "placeholder": placeholder.text,
        "reason": reason,
        "text": words.format(text=placeholder.text),
    }
