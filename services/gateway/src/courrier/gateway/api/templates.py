"""``/templates``: texts to write with, shared by the rights on them."""

from typing import Annotated, Any

from pydantic import Field

from courrier.events.base import Value
from courrier.events.families.configuration import TemplateFields
from courrier.gateway.domain.access import may_create
from courrier.gateway.domain.configured import TEMPLATE
from courrier.gateway.domain.refusals import NotAllowed, Unfit
from courrier.gateway.domain.template_words import warnings_json
from courrier.gateway.handlers.teams import check_teams
from courrier.mail.templates.records import KNOWN_TYPES
from courrier.mail.templates.template import asked_by

from .own_folders import TeamIds
from .resource import Json, Resource, Wish, routes
from .shapes import Shown, example
from .template_filling import template_of
from .values import Body, IdText, Line, LongText, MaybeEmptyLine

MOST_BYTES = 200 * 1024
"""Of text and HTML together: an event has 256 KiB."""

NEW_TEMPLATE: Json = {
    "name": "Thanks for your order",
    "subject": "Your order, {Person.firstName}",
    "html": "<p>Dear {Person.name},</p><p>thank you.</p>",
    "category": "Orders",
}
A_TEMPLATE: Json = {
    "id": "4d3c2b1a0f9e8d7c6b5a493827160504",
    "version": "1",
    **TemplateFields(owner_id="b3f0c1d2e4a5968778695a4b3c2d1e0f", **NEW_TEMPLATE).model_dump(
        exclude={"attachment_ids"}
    ),
    "team_ids": [],
    "attachments": [],
    "warnings": [],
}
WARNING: Json = {
    "placeholder": "{Contact.shoe}",
    "reason": "unknown-field",
    "text": "{Contact.shoe}: records of this type have no such field",
}


class TemplateBody(Body):
    """A text to write with; braces such as ``{Person.name}`` are filled in when it is used.

    ``attachments`` are ids of uploads.
    """

    model_config = example(NEW_TEMPLATE)

    name: Annotated[Line, Field(min_length=1, max_length=150)]
    subject: MaybeEmptyLine = ""
    html: LongText | None = None
    text: LongText | None = None
    one_off: bool = False
    active: bool = True
    category: Line | None = None
    team_ids: TeamIds = ()
    attachments: Annotated[tuple[IdText, ...], Field(max_length=50)] = ()


class TemplateChange(TemplateBody):
    """What to change about a template."""

    model_config = example({"active": False})

    name: Annotated[Line, Field(min_length=1, max_length=150)] = "-"


class UnresolvedShown(Shown):
    """A placeholder that is not, or can never be, filled in; ``reason`` is for programs."""

    placeholder: str
    reason: str
    text: str


class TemplateShown(Shown):
    """A text to write with; ``warnings`` are placeholders that no record can ever fill in."""

    id: str
    version: str
    owner_id: str | None
    name: str
    subject: str
    html: str | None
    text: str | None
    one_off: bool
    active: bool
    category: str | None
    team_ids: list[str]
    attachments: list[str]
    warnings: list[UnresolvedShown]


async def _added(wish: Wish, body: TemplateBody) -> Value:
    if not may_create(wish.person, "template"):
        raise NotAllowed("your roles do not let you make templates")
    await _check(wish, body)
    return TemplateFields(owner_id=wish.person.id, **_fields(body.model_dump()))


async def _changes(wish: Wish, body: TemplateChange) -> dict[str, Any]:
    await _check(wish, body)
    return _fields({name: getattr(body, name) for name in body.model_fields_set})


def _fields(named: Json) -> Json:
    """Return what a body names as the log has it."""
    return {"attachment_ids" if name == "attachments" else name: named[name] for name in named}


async def _check(wish: Wish, body: TemplateBody) -> None:
    for name in ("html", "text"):
        if len((getattr(body, name) or "").encode()) > MOST_BYTES // 2:
            raise Unfit(f"over {MOST_BYTES // 2048} KiB", pointer=f"/{name}")
    await check_teams(wish.gateway.store, body.team_ids)


def _more(fields: TemplateFields, language: str) -> Json:
    asked = asked_by(template_of(fields), KNOWN_TYPES)
    found = {"attachments": list(fields.attachment_ids)}
    return found | {"warnings": warnings_json(asked, language)}


TEMPLATES = Resource(
    path="/templates",
    noun="template",
    plural="templates",
    kind=TEMPLATE,
    shown=TemplateShown,
    example=A_TEMPLATE,
    new=TemplateBody,
    change=TemplateChange,
    added=_added,
    changes=_changes,
    more=_more,
    hidden={"attachment_ids"},
)
templates = routes(TEMPLATES)
