"""What a draft begins with: whom a record's mail goes to, a signature, a template's texts."""

from collections.abc import Mapping
from typing import Any

from courrier.events.base import Mailbox, RecordRef
from courrier.events.families.configuration import PreferenceFields
from courrier.events.families.drafts import DraftFields
from courrier.gateway.domain.answering import Texts, written
from courrier.gateway.domain.configured import PREFERENCES
from courrier.gateway.projections import configured, email_accounts, records
from courrier.gateway.projections.uploads import uploads_by_ids

from .drafting import Writer
from .template_filling import About
from .template_previews import begun_from


async def from_template(
    writer: Writer, template_id: str, fields: DraftFields
) -> tuple[Texts, dict[str, Any]]:
    """Return the texts of a template filled in for a draft, and what else it changes.

    Raises:
        ItemMissing: there is no such template, or not for the writer.
        Unfit: it is not for writing.
    """
    address = fields.to[0].address if fields.to else None
    about = About(record=fields.parent, address=address)
    gateway = writer.gateway
    begun = await begun_from(gateway, writer.caller.person, template_id, about)
    known = {file.id for file in fields.files}
    rows = await uploads_by_ids(gateway.pool, begun.attachment_ids)
    files = (row.file for row in rows if row.file.id not in known)
    changes: dict[str, Any] = {"template_id": template_id, "files": (*fields.files, *files)}
    if begun.texts.subject:
        changes["subject"] = begun.texts.subject
    return Texts(begun.texts.text, begun.texts.html), changes


async def own_texts(
    writer: Writer, wish: Mapping[str, Any], fields: DraftFields, *, named: bool = False
) -> tuple[Texts, DraftFields]:
    """Return what the author writes, by hand or by a template, and the draft with its changes.

    ``named``: the subject stays, whatever the template says.
    """
    text, markup = wish.get("text"), wish.get("html")
    template_id = wish.get("template_id")
    if not template_id or text is not None or markup is not None:
        return written(text, markup), fields
    own, changes = await from_template(writer, template_id, fields)
    if named or wish.get("subject"):
        changes.pop("subject", None)
    return own, fields.model_copy(update=changes)


async def of_record(writer: Writer, ref: RecordRef) -> tuple[Mailbox, ...]:
    """Return whom a message about a record goes to: itself, else its contact, else its account."""
    row = await records.record_by_id(writer.gateway.pool, ref)
    if row is None:
        return ()
    if row.fields.email_addresses:
        names = (row.fields.first_name, row.fields.last_name)
        name = row.fields.name or " ".join(filter(None, names))
        return (Mailbox(name=name or None, address=row.fields.email_addresses[0]),)
    for near in (
        *(("contact", each) for each in row.fields.contact_ids[:1]),
        *((("account", row.fields.account_id),) if row.fields.account_id else ()),
    ):
        if found := await of_record(writer, RecordRef(type=near[0], id=near[1])):
            return found
    return ()


async def _preferences(writer: Writer) -> PreferenceFields:
    row = await configured.item_by_id(writer.gateway.pool, PREFERENCES, writer.caller.person.id)
    return row.fields if row else PreferenceFields()


async def is_above(writer: Writer) -> bool:
    """Tell whether the writer likes answers above what they cite."""
    return (await _preferences(writer)).reply_above


async def signature_of(writer: Writer, fields: DraftFields) -> str | None:
    """Return the signature of the account that a draft is written from, else of the preferences."""
    if fields.account_id is not None:
        row = await email_accounts.account_by_id(writer.gateway.pool, fields.account_id)
        if row is not None and row.options.get("signature_html"):
            return str(row.options["signature_html"])
    return (await _preferences(writer)).signature_html
