"""A notice tells its reader a secret that no log, table or blob of ours holds."""

import pytest

from courrier.events.families.outbound import SECRET_MARK, MessageSent, SendRequested
from integration.sender.desk import Desk
from support.builders import EMAIL
from support.smtp_sink import SmtpSink
from support.waiting import eventually
from unit.sender.orders import order

pytestmark = pytest.mark.integration

SITE = "https://a-rather-long-name.crm.example/r/"


async def test_the_secret_stands_in_the_message_and_nowhere_else(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """Also beside letters that make the body 8-bit or encoded; the line is not broken."""
    secret = "0f" * (len(SECRET_MARK) // 2)
    await desk.vault.put("notice.1", secret.encode())
    await desk.add_account(smtp_sink)
    said = order(text=f"Grüße, voilà :\n\n{SITE}{SECRET_MARK}\n", is_notice=True, secret="notice.1")

    async def is_sent() -> bool:
        return await desk.state(EMAIL) == "sent"

    async with desk.delivering():
        await desk.send(said)
        await eventually(is_sent)

    [message] = smtp_sink.messages
    facts = await desk.facts()
    assert f"{SITE}{secret}".encode() in message.content
    assert secret not in str(facts)
    requested, sent = facts[0], facts[-1]
    assert isinstance(requested, SendRequested)
    assert isinstance(sent, MessageSent)
    assert sent.is_notice
    assert secret.encode() not in await desk.blobs.get(requested.raw.digest)
