"""``/templates:preview``, and a message that begins from a template.

A template that is being written is tried with a real record, as it would be filled in for whoever
asks: what they may not read is not shown to them in this way either.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import Field, model_validator
from starlette.responses import Response

from courrier.events.base import RecordRef
from courrier.events.families.configuration import TemplateFields
from courrier.gateway.domain.access import Person
from courrier.gateway.domain.configured import TEMPLATE, ItemMissing
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.settings_access import may_touch
from courrier.gateway.domain.template_words import unresolved_json
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import configured
from courrier.mail.html.sanitise import safe_html
from courrier.mail.templates.template import FilledTemplate, Template

from .answers import answer, answers
from .caller import CallerDep, GatewayDep
from .freshness import Fresh
from .record_shapes import RecordType
from .resource import Json
from .routing import CourrierRoute
from .shapes import Shown, example
from .template_filling import About, filled, template_of
from .templates import WARNING, UnresolvedShown
from .values import AddressText, Body, IdText, LongText, MaybeEmptyLine

router = APIRouter(route_class=CourrierRoute, tags=["templates"])

ASKED: Json = {
    "template": {"subject": "Hello {Person.firstName|you}", "html": "<p>{Account.name}</p>"},
    "record": {"type": "contact", "id": "c0ffee00c0ffee00c0ffee00c0ffee00"},
}
PREVIEW: Json = {
    "subject": "Hello Ada",
    "html": "<p>{Contact.shoe}</p>",
    "text": "{Contact.shoe}",
    "unresolved": [WARNING],
}
Long = Annotated[LongText, Field(max_length=100 * 1024)]


class RecordBody(Body):
    """A record by type and id."""

    type: RecordType
    id: IdText

    def ref(self) -> RecordRef:
        """Return it as events name it."""
        return RecordRef(type=self.type, id=self.id)


class PersonBody(Body):
    """Somebody by type and id."""

    type: Annotated[str, Field(pattern="^(contact|lead|user|account)$")]
    id: IdText


class TextsBody(Body):
    """What is written so far."""

    subject: MaybeEmptyLine = ""
    html: Long | None = None
    text: Long | None = None


class PreviewBody(Body):
    """A template, saved or as it is written now, and what it is tried with.

    ``record`` is what the message is about; ``person``, or whoever has ``address``, whom it is to.
    """

    model_config = example(ASKED)

    template_id: IdText | None = None
    template: TextsBody | None = None
    record: RecordBody | None = None
    person: PersonBody | None = None
    address: AddressText | None = None

    @model_validator(mode="after")
    def _one_template(self) -> Self:
        if (self.template_id is None) == (self.template is None):
            raise ValueError("give either template or template_id")
        return self

    def about(self) -> About:
        """Return what the message is about."""
        person = RecordRef(type=self.person.type, id=self.person.id) if self.person else None
        record = self.record.ref() if self.record else None
        return About(record=record, person=person, address=self.address)


class PreviewShown(Shown):
    """The message as it would be; ``html`` is safe to show. With ``unresolved`` it is not sent."""

    subject: str
    html: str | None
    text: str
    unresolved: list[UnresolvedShown]


@dataclass(frozen=True, slots=True)
class Begun:
    """A message that begins from a template, and the uploads that go with it."""

    texts: FilledTemplate
    attachment_ids: tuple[str, ...]


@router.post(
    "/templates:preview",
    dependencies=[Fresh],
    responses=answers(PREVIEW, 200, 404, shape=PreviewShown),
)
async def preview_template(body: PreviewBody, gateway: GatewayDep, caller: CallerDep) -> Response:
    """Try a template with a real record; nothing is kept."""
    person = caller.person
    if body.template_id is not None:
        template = template_of(await readable_template(gateway, person, body.template_id))
    else:
        texts = body.template or TextsBody()
        template = Template(texts.subject, texts.html, texts.text)
    found = await filled(gateway, person, template, body.about())
    html = found.html
    if html is not None:
        html = await asyncio.to_thread(safe_html, [(html, True)])
    shown: Json = {
        "subject": found.subject,
        "html": html,
        "text": found.text,
        "unresolved": unresolved_json(found.unresolved, person.language),
    }
    return answer(shown)


async def begun_from(gateway: Gateway, person: Person, template_id: str, about: About) -> Begun:
    """Return a message that begins from a template, with what the person may read.

    Raises:
        ItemMissing: there is no such template, or not for them.
        Unfit: it is retired or for one mass mail only, or a record is not there or not for them.
    """
    fields = await readable_template(gateway, person, template_id)
    if fields.one_off or not fields.active:
        text = "this template is not for writing: it is inactive, or for one mass mail only"
        raise Unfit(text, pointer="/template_id")
    return Begun(await filled(gateway, person, template_of(fields), about), fields.attachment_ids)


async def readable_template(gateway: Gateway, person: Person, template_id: str) -> TemplateFields:
    """Return a template that the person may read.

    Raises:
        ItemMissing: there is none, or not for them.
    """
    row = await configured.item_by_id(gateway.pool, TEMPLATE, template_id)
    if row is None or not may_touch(person, "read", row.fields):
        raise ItemMissing("there is no such template")
    return row.fields
