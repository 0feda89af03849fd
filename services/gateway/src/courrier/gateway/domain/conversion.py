"""What a record says that somebody makes from an e-mail: prefilled, and theirs to correct."""

from collections.abc import Mapping
from dataclasses import dataclass

from courrier.events.base import Mailbox, RecordRef
from courrier.events.families.crm import FileOfEmail, RecordFields

from .record_fields import patched

KINDS = ("lead", "contact", "case", "task")
NAME_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The e-mail as far as a record takes from it; ``links`` are its records, the parent first."""

    email_id: str
    subject: str | None
    sent_from: Mailbox | None
    reply_to: tuple[Mailbox, ...] = ()
    links: tuple[RecordRef, ...] = ()
    files: tuple[FileOfEmail, ...] = ()


def converted(kind: str, original: Original, given: Mapping[str, object]) -> RecordFields:
    """Return the fields of a record made from an e-mail; what is ``given`` wins.

    A person is whoever an answer would go to. Cases and tasks take its files, as references. The
    text stays in the e-mail, which ``email_id`` names.
    """
    fields = RecordFields(email_id=original.email_id)
    found = _person(original) if kind in {"lead", "contact"} else _affair(original)
    if kind == "contact":
        found["account_id"] = _linked(original, "account")
    if kind == "case":
        contact = _linked(original, "contact")
        found |= {
            "account_id": _linked(original, "account"),
            "contact_ids": (contact,) if contact else (),
            "lead_id": _linked(original, "lead"),
        }
    if kind == "task" and original.links:
        found["parent"] = original.links[0]
    return patched(fields, found | dict(given))


def _person(original: Original) -> dict[str, object]:
    """The last word of a name is the last name; without a name there is the address."""
    boxes = (*original.reply_to[:1], *([original.sent_from] if original.sent_from else []))
    if not boxes:
        return {}
    name = " ".join((boxes[0].name or _author(original) or "").split())[:NAME_CHARS]
    first, _, last = name.rpartition(" ")
    return {
        "first_name": first or None,
        "last_name": last or boxes[0].address.partition("@")[0],
        "email_addresses": (boxes[0].address,),
    }


def _author(original: Original) -> str | None:
    return original.sent_from.name if original.sent_from else None


def _affair(original: Original) -> dict[str, object]:
    name = " ".join((original.subject or "").split())[:NAME_CHARS]
    return {"name": name or None, "files": original.files}


def _linked(original: Original, kind: str) -> str | None:
    return next((link.id for link in original.links if link.type == kind), None)
