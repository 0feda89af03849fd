"""A group account answers people by machine: once, with what belongs into such an answer."""

from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any, cast

import pytest

from courrier.events import subjects
from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.families.configuration import TemplateAdded
from courrier.events.families.crm import AddressAssigned, RecordCreated
from courrier.events.families.email import AutoReplyPermitted
from courrier.events.families.outbound import AutoReplyDecided, SendRequested
from courrier.events.families.settings import EmailAccountAdded, UserAdded
from courrier.sender.handlers.auto_replying import PURPOSE, AutoReplying
from courrier.sender.handlers.requests import Requests
from courrier.sender.projections.accounts import ProjectedAccounts
from integration.sender.desk import Desk
from support.builders import ACCOUNT, NOON, example, new_event
from support.smtp_sink import SmtpSink
from support.waiting import eventually

pytestmark = pytest.mark.integration

TEMPLATE = "7" * 32
CASE, CONTACT, USER = ({"type": kind, "id": mark * 32} for kind, mark in zip(
    ("case", "contact", "user"), "c08", strict=True
))  # fmt: skip
FIELDS: dict[str, Any] = {
    "name": "Thanks",
    "subject": "We have your message",
    "html": "<p>Dear {Person.firstName|customer},</p><p>{Case.name} is with {User.name}.</p>",
}


class Office:
    """The sender, the group account, and what the linker permits."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._number = 0

    def replying(self) -> AutoReplying:
        """Return what another process would answer with."""
        desk = self.desk
        known = ProjectedAccounts(desk.pool, desk.store)
        requests = Requests(
            desk.store, desk.blobs, accounts=known, identity=desk.identity, clock=desk.clock
        )
        return AutoReplying(
            desk.store, requests, accounts=known, identity=desk.identity, clock=desk.clock
        )

    async def tell(self, *facts: Event) -> None:
        """Put facts on the log."""
        for fact in facts:
            subject = None
            if isinstance(fact, AddressAssigned):
                subject = subjects.address(self.desk.identity.address(fact.address))
            await self.desk.store.append([new_event(fact, subject, expected=0)])

    async def set_up(self, sink: SmtpSink, **group: Any) -> None:
        """A group account that answers by a template, and a case of Ada's."""
        secret = f"account.{ACCOUNT}.smtp"
        await self.desk.vault.put(secret, sink.password.encode())
        smtp = {"host": sink.host, "port": sink.port, "tls": "starttls", "user": sink.user}
        options = {"reply_template_id": TEMPLATE, "reply_from_name": "Help"} | group
        account = {"address": "help@x.test", "smtp": smtp | {"secret": secret}, "group": options}
        case = {"name": "Broken engine", "number": 12, "assigned_user_id": USER["id"]}
        ada = {"first_name": "Ada", "last_name": "<Lovelace>"}
        await self.tell(
            example(EmailAccountAdded, **account),
            example(TemplateAdded, template_id=TEMPLATE, fields=FIELDS),
            example(RecordCreated, record=CASE, fields=case),
            example(RecordCreated, record=CONTACT, fields=ada),
            example(UserAdded, user_id=USER["id"], name="Grace"),
            example(AddressAssigned, address="ada@x.test", owner=CONTACT),
        )

    async def permit(self, sender: str = "Ada@x.test", **more: Any) -> str:
        """Have a mail of this sender answered, and answered again; return its id."""
        self._number += 1
        email_id = f"{self._number:032x}"
        said: dict[str, Any] = {
            "email_id": email_id,
            "account_id": ACCOUNT,
            "template_id": TEMPLATE,
            "recipient": {"name": "Ada L", "address": sender},
            "message_id": f"{self._number}@mail.x.test",
            "references": ["first@mail.x.test"],
            "subject": "Help!",
            "date": self.desk.clock.now,
        }
        await self.tell(example(AutoReplyPermitted, **said | more))
        (recorded,) = await self.desk.store.load(subjects.auto_reply(email_id))
        met = cast("Recorded[AutoReplyPermitted]", recorded)
        for _ in range(2):  # a consumer that was set back meets it again
            await self.replying().permitted(met)
        return email_id

    async def decisions(self, sender: str = "ada@x.test") -> list[str]:
        """Return what was decided about a sender's mail, oldest first."""
        key = self.desk.identity.sign(PURPOSE, sender)
        history = await self.desk.store.load(subjects.answered(ACCOUNT, key))
        return [r.event.reason for r in history if isinstance(r.event, AutoReplyDecided)]


@pytest.fixture
def office(desk: Desk) -> Office:
    """A group account's mail, at noon."""
    return Office(desk)


async def test_the_answer_names_what_it_answers_and_asks_for_no_answer(
    office: Office, smtp_sink: SmtpSink
) -> None:
    """Filled in, from the group, without return path, with the headers of RFC 3834, only once."""
    await office.set_up(smtp_sink, reply_to="desk@x.test")
    async with office.desk.delivering():
        await office.permit(case=CASE, case_number=12)
        await eventually(lambda: bool(smtp_sink.messages))
    (message,) = smtp_sink.messages
    said = message_from_bytes(message.content)

    assert ("<>", ("Ada@x.test",)) == (message.mail_from, message.recipients)
    assert "[#12] We have your message" == said["Subject"]
    assert ("Help <help@x.test>", "desk@x.test") == (said["From"], said["Reply-To"])
    assert "<1@mail.x.test>" == said["In-Reply-To"]
    assert "<first@mail.x.test> <1@mail.x.test>" == " ".join(said["References"].split())
    assert ("auto-replied", "bulk") == (said["Auto-Submitted"], said["Precedence"])
    assert "AutoReply" in said["X-Auto-Response-Suppress"]
    assert "<p>Dear Ada,</p><p>Broken engine is with Grace.</p>" in html_of(said)
    assert ["answered"] == await office.decisions()


async def test_a_sender_is_answered_once_in_a_period(office: Office, smtp_sink: SmtpSink) -> None:
    """The log remembers, also for another process; another sender is answered."""
    await office.set_up(smtp_sink, reply_period_s=3600)
    first = await office.permit(case=CASE)
    await office.permit("ADA@X.test", case=CASE)
    await office.permit("linus@x.test", case=CASE)
    office.desk.clock.turn(timedelta(hours=2))
    await office.permit(case=CASE)

    assert ["answered", "answered-lately", "answered"] == await office.decisions()
    assert ["answered"] == await office.decisions("linus@x.test")
    assert isinstance(await requested(office, first), SendRequested)


async def test_what_cannot_be_answered_is_recorded_and_not_sent(
    office: Office, smtp_sink: SmtpSink
) -> None:
    """Our own addresses, templates that ask for what is not there, mail of long ago."""
    await office.set_up(smtp_sink)
    async with office.desk.projecting():
        known = ProjectedAccounts(office.desk.pool, office.desk.store)

        async def is_known() -> bool:
            return await known.has_address("HELP@x.test")

        await eventually(is_known)
    await office.permit("help@x.test")
    await office.permit("old@x.test", date=NOON - timedelta(days=3))
    unknown = await office.permit("eve@x.test")
    decided = [await office.decisions(f"{name}@x.test") for name in ("help", "old", "eve")]

    assert [["own-address"], [], ["unresolved-placeholder"]] == decided
    assert await requested(office, unknown) is None


async def requested(office: Office, email_id: str) -> Event | None:
    """Return the order to send an answer, if there is one."""
    for decision in await decided_of(office, email_id):
        if decision.reply_id:
            return (await office.desk.facts(decision.reply_id))[0]
    return None


async def decided_of(office: Office, email_id: str) -> list[AutoReplyDecided]:
    """Return what was decided about a mail."""
    found: list[AutoReplyDecided] = []
    for sender in ("ada@x.test", "eve@x.test"):
        key = office.desk.identity.sign(PURPOSE, sender)
        history = await office.desk.store.load(subjects.answered(ACCOUNT, key))
        found += (r.event for r in history if isinstance(r.event, AutoReplyDecided))
    return [each for each in found if each.answers == email_id]


def html_of(said: Message) -> str:
    """Return the HTML of a message."""
    part = next(part for part in said.walk() if part.get_content_type() == "text/html")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()
