"""Versions of conversations, for ``ETag`` and ``If-Match``: their e-mails and what is shared."""

from typing import Annotated

from fastapi import Header

from courrier.gateway.domain.refusals import VersionChanged
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import rethreading
from courrier.gateway.projections.conversations import ConversationRow

from .answers import version_of

IfMatch = Annotated[str | None, Header(max_length=200)]


async def thread_version(gateway: Gateway, row: ConversationRow) -> str:
    """Return an opaque version of a conversation: its e-mails, and what is shared of it."""
    return version_of([row.version, *await rethreading.stand_of(gateway.pool, row.thread_id)])


async def check_unchanged(gateway: Gateway, row: ConversationRow, if_match: str | None) -> None:
    """Let pass whoever saw the conversation as it is, or does not say what they saw.

    Raises:
        VersionChanged: it is another version by now.
    """
    if if_match is None or if_match.strip() == "*":
        return
    if if_match.strip().removeprefix("W/") != f'"{await thread_version(gateway, row)}"':
        raise VersionChanged("somebody changed the conversation since you read it: read it again")
