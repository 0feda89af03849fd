"""What people write, on its way into a draft: recipients, From, texts, files, what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from starlette.responses import Response

from courrier.events.base import Mailbox
from courrier.events.commands.answers import Done
from courrier.events.commands.drafts import DiscardDraft, SaveDraft
from courrier.events.families.drafts import DraftFields
from courrier.gateway.domain.access import may_create
from courrier.gateway.domain.from_choice import FromAddress, chosen_from
from courrier.gateway.domain.refusals import NotAllowed, VersionChanged
from courrier.gateway.ports import Gateway
from courrier.gateway.projections.draft_views import DraftView, draft_by_id
from courrier.mail.html.text import html_to_text

from .answers import Facts, answer
from .caller import Caller, command_id, gateway_of
from .draft_files import files_of
from .draft_forms import MailboxBody, box_of, boxes_of
from .draft_texts import with_texts
from .email_shapes import emails_json
from .from_addresses import choices_of
from .hand_links import check_record
from .orders import order, shown

SNIPPET_CHARS = 200


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and the request by which they do."""

    request: Request
    caller: Caller

    @property
    def gateway(self) -> Gateway:
        """What routes work with."""
        return gateway_of(self.request)

    def check(self) -> None:
        """Refuse whoever may not write.

        Raises:
            NotAllowed: their roles do not let them.
        """
        if not may_create(self.caller.person, "email"):
            raise NotAllowed("you may not write e-mails")


async def begin_draft(
    writer: Writer, email_id: str, fields: DraftFields
) -> tuple[DraftView, str | None]:
    """Have the sender keep a new draft, and return it and the position."""
    done = await _save(writer, _Kept(email_id, fields, tuple(DraftFields.model_fields), begin=True))
    known = await draft_by_id(writer.gateway.pool, email_id, writer.caller.person)
    return known or _imagined(writer, email_id, fields, done), done.position


async def save_draft(
    writer: Writer, before: DraftView, changes: Mapping[str, Any], expected: int | None
) -> tuple[DraftView, str | None]:
    """Have the sender keep these fields, and return the draft and the position.

    ``expected`` is the version that the caller read; None saves over any.

    Raises:
        Problem: the draft is sent, gone or changed meanwhile.
    """
    fields = before.fields.model_copy(update=dict(changes))
    done = await _save(writer, _Kept(before.email_id, fields, tuple(changes), expected))
    known = await draft_by_id(writer.gateway.pool, before.email_id, writer.caller.person)
    version = done.counts["version"]
    if known is not None and known.version >= version:
        return known, done.position
    return replace(before, fields=fields, version=version), done.position


async def discard_draft(writer: Writer, email_id: str, expected: int | None) -> str | None:
    """Have the sender throw a draft away, and return the position."""
    command = DiscardDraft(
        command_id=command_id(writer.request, writer.caller),
        email_id=email_id,
        expected=expected,
        actor=writer.caller.person.actor,
    )
    done = await order(writer.gateway, command)
    await shown(writer.gateway, done)
    return done.position


def version_expected(request: Request) -> int | None:
    """Return the version in ``If-Match``; None where any will do.

    Raises:
        VersionChanged: it is no version that a draft ever had.
    """
    given = request.headers.get("if-match", "*").strip()
    if given == "*":
        return None
    version = given.removeprefix("W/").strip('"')
    if not version.isascii() or not version.isdigit() or len(version) > 9:
        raise VersionChanged("If-Match is no version that this draft ever had")
    return int(version)


async def changes_of(
    writer: Writer, wish: Mapping[str, Any], before: DraftFields
) -> dict[str, Any]:
    """Return the fields of a draft that follow from what somebody gives.

    Raises:
        Unfit: a From that they may not use, a record or file that they may not read.
    """
    changes: dict[str, Any] = {
        name: boxes_of(wish[name] or ()) for name in ("to", "cc", "bcc") if name in wish
    }
    for name in ("subject", "template_id"):
        if name in wish:
            changes[name] = wish[name]
    if "text" in wish or "html" in wish:
        changes |= await text_changes(writer.gateway, wish.get("text"), wish.get("html"))
    if "account_id" in wish or "sent_from" in wish:
        changes |= await _from_changes(writer, wish)
    if "parent" in wish:
        changes["parent"] = wish["parent"].ref if wish["parent"] else None
        if wish["parent"]:
            await check_record(writer.gateway, writer.caller, wish["parent"].ref, "/parent")
    if "attachments" in wish:
        changes["files"] = await files_of(
            writer.request, writer.caller, wish["attachments"], before
        )
    return changes


async def text_changes(gateway: Gateway, text: str | None, html: str | None) -> dict[str, Any]:
    """Store a draft's texts, and return what they change.

    One that is given alone takes the place of the other: an old HTML under a new text would be
    what the recipients read.
    """
    text, html = text or None, html or None
    given = [each.encode() for each in (text, html) if each is not None]
    refs = iter(await gateway.blobs.put(given)) if given else iter(())
    text_ref = next(refs) if text is not None else None
    html_ref = next(refs) if html is not None else None
    said = text if text is not None else html_to_text(html or "")
    snippet = " ".join(said.split())[:SNIPPET_CHARS]
    return {"text": text_ref, "html": html_ref, "snippet": snippet}


def start_from(choice: FromAddress) -> dict[str, Any]:
    """Return the fields that a From gives a draft."""
    sent_from = Mailbox(name=choice.name or None, address=choice.address)
    return {"account_id": choice.account_id, "sent_from": sent_from}


async def draft_answer(
    writer: Writer, draft: DraftView, position: str | None, status: int = 200
) -> Response:
    """Return a draft as its writer has it."""
    view = await with_texts(writer.gateway, draft)
    (item,) = await emails_json(writer.gateway, writer.caller.person, [view])
    location = f"/api/v1/emails/{draft.email_id}" if status == 201 else None
    return answer(item, status, Facts(position, item["version"], location))


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the sender is to keep."""

    email_id: str
    fields: DraftFields
    given: tuple[str, ...]
    expected: int | None = None
    begin: bool = False


async def _save(writer: Writer, kept: _Kept) -> Done:
    command = SaveDraft(
        command_id=command_id(writer.request, writer.caller),
        email_id=kept.email_id,
        author_id=writer.caller.person.id,
        fields=kept.fields,
        given=kept.given,
        begin=kept.begin,
        expected=kept.expected,
        actor=writer.caller.person.actor,
    )
    done = await order(writer.gateway, command)
    await shown(writer.gateway, done)
    return done


async def _from_changes(writer: Writer, wish: Mapping[str, Any]) -> dict[str, Any]:
    asked: MailboxBody | str | None = wish.get("sent_from")
    account_id = wish.get("account_id")
    if asked is None and account_id is None:
        return {"account_id": None, "sent_from": None}
    address = None if asked is None else box_of(asked).address
    choices = await choices_of(writer.gateway, writer.caller.person)
    return start_from(chosen_from(choices, address=address, account_id=account_id))


def _imagined(writer: Writer, email_id: str, fields: DraftFields, done: Done) -> DraftView:
    """Return a new draft that the tables do not show yet."""
    now = datetime.now(UTC)
    version = done.counts["version"]
    author = writer.caller.person.id
    return DraftView(email_id, author, fields, now, now, version, None, None)
