"""The e-mail that is answered or passed on: read from its bytes, with who holds it and its list."""

import json
from dataclasses import dataclass
from typing import Any

from courrier.events.base import Mailbox
from courrier.events.blobs import BlobMissing
from courrier.gateway.domain.answering import NO_LIST, ListFields, list_fields
from courrier.gateway.domain.citing import Cited
from courrier.gateway.domain.refusals import InTheWay
from courrier.gateway.domain.replies import Original
from courrier.gateway.ports import Gateway, ReadingTookTooLong
from courrier.gateway.projections.email_views import EmailView

from .caller import Caller
from .email_shapes import readable_email


@dataclass(frozen=True, slots=True)
class ReadOriginal:
    """An e-mail with what its message says; ``parsed`` is empty where nobody can tell."""

    view: EmailView
    parsed: dict[str, Any]
    lists: ListFields

    @property
    def original(self) -> Original:
        """What an answer needs to know."""
        return original_of(self.view, self.lists)

    @property
    def cited(self) -> Cited:
        """What is cited."""
        said = self.original
        return Cited(
            author=said.sent_from,
            date=self.view.date,
            subject=self.view.subject,
            to=tuple(said.to),
            cc=tuple(said.cc),
            text=self.parsed.get("text") or self.view.text or "",
            html=self.parsed.get("html"),
        )


async def read_original(gateway: Gateway, caller: Caller, email_id: str) -> ReadOriginal:
    """Return an e-mail that the caller may read, with what its message says.

    Raises:
        EmailMissing: there is none, or not for them.
        InTheWay: it is a draft.
    """
    view = await readable_email(gateway, caller.person, email_id)
    if view.draft is not None:
        raise InTheWay("this is a draft: there is nothing to answer yet")
    try:
        raw = await gateway.blobs.get(view.raw_digest)
        parsed = json.loads(await gateway.reader.parse(raw))
    except (ReadingTookTooLong, BlobMissing):
        # What the tables know of it is enough to answer.
        return ReadOriginal(view, {"attachments": []}, NO_LIST)
    return ReadOriginal(view, parsed, list_fields(raw))


def original_of(view: EmailView, lists: ListFields = NO_LIST) -> Original:
    """Return what an answer needs to know of the e-mail that it answers."""
    return Original(
        subject=view.subject,
        sent_from=Mailbox.model_validate(view.sent_from) if view.sent_from else None,
        reply_to=[Mailbox.model_validate(box) for box in view.reply_to],
        to=[Mailbox.model_validate(box) for box in view.to],
        cc=[Mailbox.model_validate(box) for box in view.cc],
        message_id=view.message_id,
        in_reply_to=view.in_reply_to,
        references=view.references,
        lists=lists,
    )
