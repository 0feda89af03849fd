"""Mail leaves by the tokens of a sign-in; the fetcher renews them, and is asked only when due."""

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from courrier.events.base import Command
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.mailboxes import AccessToken, RenewSignIn, tokens_of
from courrier.events.families.outbound import DeliveryFailed
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.vault import Vault
from integration.sender.desk import Desk
from support.builders import ACCOUNT, EMAIL, example, new_event
from support.certificates import Certificates
from support.smtp_sink import USER, SinkOptions, SmtpSink, start_sink
from support.waiting import eventually

pytestmark = pytest.mark.integration

FRESH = "a-fresh-token"


@dataclass
class Renewals:
    """The fetcher, as far as it renews: what it gives, and how often it was asked."""

    vault: Vault
    now: datetime
    is_ended: bool = False
    orders: list[Command] = field(default_factory=list)

    async def ask(self, command: Command) -> Answer:
        """Put a fresh token into the record, or say that a person has to sign in."""
        self.orders.append(command)
        if not isinstance(command, RenewSignIn) or self.is_ended:
            return Refused(reason="sign-in-ended", text="Sign in with Google again.")
        await keep(self.vault, FRESH, self.now + timedelta(hours=1))
        return Done()


async def keep(vault: Vault, token: str, ends_at: datetime) -> None:
    """Keep a token as the fetcher does."""
    record = AccessToken(access_token=token, access_ends_at=ends_at)
    await vault.put(tokens_of(ACCOUNT), record.model_dump_json().encode())


async def sent(desk: Desk, sink: SmtpSink, *, expecting: str) -> None:
    """Have a message sent by an account that signs in, until it stands so."""
    server = {"host": sink.host, "port": sink.port, "tls": "implicit", "user": USER}
    smtp = server | {"oauth": "google", "secret": tokens_of(ACCOUNT)}
    await desk.store.append([new_event(example(EmailAccountAdded, smtp=smtp), expected=0)])

    async def stands() -> bool:
        return await desk.state(EMAIL) == expecting

    async with desk.delivering():
        await desk.send()
        await eventually(stands)


@pytest.mark.parametrize(("lives", "asked"), [(timedelta(hours=1), 0), (timedelta(minutes=1), 1)])
async def test_a_token_is_shown_and_renewed_when_it_ends_soon(
    desk: Desk, certificates: Certificates, lives: timedelta, asked: int
) -> None:
    """By XOAUTH2; one that lives long enough is taken as it is."""
    renewals = Renewals(desk.vault, desk.clock.now)
    await keep(desk.vault, FRESH if asked == 0 else "an-old-token", desk.clock.now + lives)
    with start_sink(certificates, SinkOptions(tls="implicit", access_token=FRESH)) as sink:
        await sent(dataclasses.replace(desk, bus=renewals), sink, expecting="sent")

    assert asked == len(renewals.orders)
    assert [USER] == [message.user for message in sink.messages]


async def test_a_sign_in_that_ended_fails_the_message_with_what_to_do(
    desk: Desk, certificates: Certificates
) -> None:
    """Nothing is sent, and the author is told to sign in again."""
    renewals = Renewals(desk.vault, desk.clock.now, is_ended=True)
    await keep(desk.vault, "an-old-token", desk.clock.now)
    with start_sink(certificates, SinkOptions(tls="implicit", access_token=FRESH)) as sink:
        await sent(dataclasses.replace(desk, bus=renewals), sink, expecting="failed")
    failed = (await desk.facts())[-1]

    assert isinstance(failed, DeliveryFailed)
    assert "Sign in with Google again." in failed.text
    assert [] == sink.messages
