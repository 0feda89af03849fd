"""Mail codes to people: to let them in, invited or without their password, or to prove an address.

The code is in the vault, sealed, and in the mail, and nowhere else in clear.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from courrier.events.base import Mailbox, derived_id
from courrier.events.bus import CommandBus
from courrier.events.commands.answers import Refused
from courrier.events.commands.sender import SendMessage
from courrier.events.families.outbound import SECRET_MARK
from courrier.events.vault import Vault
from courrier.gateway.domain.notices import Notice
from courrier.gateway.domain.refusals import InTheWay, Unfit
from courrier.gateway.entrance import EntryCode, EntryCodes

LIFE = {"invite": timedelta(days=7), "reset": timedelta(hours=1), "address": timedelta(hours=1)}
CODE_BYTES = len(SECRET_MARK) // 2


class NoWayOut(InTheWay):
    """No system SMTP account is set up, or it cannot be used: nothing can be mailed."""


class CodeGone(Unfit):
    """The code is wrong, was used, or is too old."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """The system's SMTP account."""

    account_id: str
    sender: Mailbox


@dataclass(frozen=True, slots=True)
class Postroom:
    """What mailing a code needs; ``way_out`` None: none is set up."""

    codes: EntryCodes
    vault: Vault
    bus: CommandBus
    way_out: WayOut | None


async def mail_code(
    room: Postroom, code: EntryCode, notice: Notice, command_id: UUID, now: datetime
) -> None:
    """Mail a new code to ``code.address``; earlier ones for the same are useless then.

    Raises:
        NoWayOut: no system SMTP account is set up, or the sender declines it.
        NoAnswer: the sender does not answer; it may be tried again.
    """
    if room.way_out is None:
        raise NoWayOut("set up the system's SMTP account first: nothing can be mailed")
    secret = os.urandom(CODE_BYTES).hex()
    email_id = derived_id("notice", str(command_id), code.purpose).hex
    await room.vault.put(f"notice.{email_id}", secret.encode())
    await room.codes.keep(code_digest(secret), code, now + LIFE[code.purpose])
    order = SendMessage(
        command_id=command_id,
        email_id=email_id,
        author_id="system",
        account_id=room.way_out.account_id,
        sent_from=room.way_out.sender,
        to=(Mailbox(address=code.address),),
        subject=notice.subject,
        text=notice.text,
        is_notice=True,
        secret=f"notice.{email_id}",
        actor="service:gateway",
    )
    answer = await room.bus.ask(order)
    if isinstance(answer, Refused):
        raise NoWayOut(f"the sender declined: {answer.text}")


async def take_code(codes: EntryCodes, text: str, *purposes: str) -> EntryCode:
    """Return what a code is for; it is used up by it.

    Raises:
        CodeGone: wrong, used, or too old.
    """
    found = await codes.take(code_digest(text), *purposes)
    if found is None:
        raise CodeGone("this code is wrong, was used, or is too old", pointer="/code")
    return found


def code_digest(text: str) -> str:
    """Return what is kept of a code; white space and case do not matter."""
    plain = "".join(text.split()).lower()
    return sha256(f"entry\x1f{plain}".encode("utf-8", "replace")).hexdigest()
