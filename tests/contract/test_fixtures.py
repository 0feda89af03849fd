"""The servers that tests stand on keep what they promise, whichever way they were found."""

import imaplib
import smtplib
import ssl

import asyncpg
import pytest

from courrier.events.catalogue import EVENTS
from courrier.events.families.mailbox import MessageReceived
from courrier.events.identity import Identity
from courrier.events.jetstream.permissions import SERVICES
from courrier.events.jetstream.store import JetStreamEventStore
from support.builders import example, new_event, raw_message
from support.imap_accounts import ImapServer
from support.smtp_sink import DROP, SmtpSink
from support.waiting import eventually

pytestmark = pytest.mark.integration

TIMEOUT_S = 10.0
IMAP_SERVERS = [
    pytest.param("dovecot", marks=pytest.mark.dovecot),
    pytest.param("cyrus", marks=pytest.mark.long),
    "poor_imap",
]
BOB, EVE = "bob@example.test", "eve@example.test"


@pytest.mark.parametrize("_time", ["first", "second"])
async def test_a_test_meets_no_event_of_another(store: JetStreamEventStore, _time: str) -> None:
    """Each test begins with empty streams, in which it can store."""
    before = await store.end("MAILBOX")

    after = await store.append([new_event(example(MessageReceived), expected=0)])

    assert (before, after.sequence) == (0, 1)


async def test_ids_are_stable_within_a_test(identity: Identity) -> None:
    """The identity key is made once."""
    assert identity.email_of("1@example.test") == identity.email_of("1@example.test")


@pytest.mark.parametrize("_time", ["first", "second"])
async def test_a_test_meets_no_table_of_another(database_url: str, _time: str) -> None:
    """Each test begins with the schemas and extensions, and nothing in them."""
    database = await asyncpg.connect(database_url, timeout=TIMEOUT_S)
    for service in SERVICES:
        await database.execute(f"CREATE TABLE {service}.mark (id int)")
    matched = await database.fetchval("SELECT unaccent('été') % 'ete'")
    await database.close(timeout=TIMEOUT_S)

    assert matched is True


@pytest.mark.parametrize("name", IMAP_SERVERS)
def test_imap_users_are_strangers(name: str, request: pytest.FixtureRequest) -> None:
    """Each new user has an empty mailbox that keeps the bytes it is given."""
    server: ImapServer = request.getfixturevalue(name)
    first, second = server.new_user(), server.new_user()

    uid = server.append(first.user, "Kept", raw_message())

    assert first.messages("Kept") == [raw_message()]
    assert first.flags("Kept") == {uid: ()}
    assert second.messages() == []


@pytest.mark.parametrize("name", IMAP_SERVERS)
def test_imap_offers_starttls(name: str, request: pytest.FixtureRequest) -> None:
    """The second port begins in clear and becomes private."""
    server: ImapServer = request.getfixturevalue(name)
    account = server.new_user()
    context = ssl.create_default_context(cafile=str(account.ca_file))
    assert account.starttls_port is not None

    with imaplib.IMAP4(account.host, account.starttls_port, timeout=TIMEOUT_S) as connection:
        connection.starttls(context)
        answer, _ = connection.login(account.user, account.password)

    assert answer == "OK"


def test_smtp_takes_what_it_is_sent(smtp_sink: SmtpSink) -> None:
    """Bytes, envelope, log-in and encryption are remembered; leading dots come out right."""
    message = raw_message(".\n..\nHello\n")

    refused = _send(smtp_sink, message)

    assert refused == {}
    taken = smtp_sink.accepted[0]
    assert (taken.content, taken.recipients) == (message, (BOB, EVE))
    assert (taken.user, taken.is_encrypted) == (smtp_sink.user, True)


def test_smtp_refuses_whom_it_is_told_to(smtp_sink: SmtpSink) -> None:
    """One recipient's refusal leaves the other one's mail alone."""
    smtp_sink.answer("RCPT", "550 5.1.1 no such user", recipient=BOB)

    refused = _send(smtp_sink, raw_message())

    assert refused == {BOB: (550, b"5.1.1 no such user")}
    assert smtp_sink.accepted[0].recipients == (EVE,)


async def test_smtp_cuts_the_line_when_it_is_told_to(smtp_sink: SmtpSink) -> None:
    """A line lost after the final dot leaves the client without an answer, once."""
    smtp_sink.answer("DATA", DROP, times=1)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        _send(smtp_sink, raw_message())
    _send(smtp_sink, raw_message())

    await eventually(lambda: len(smtp_sink.accepted) == 1)
    assert [message.is_accepted for message in smtp_sink.messages] == [False, True]


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_has_a_valid_example(kind: type) -> None:
    """``builders.example`` knows the whole catalogue."""
    assert new_event(example(kind)).subject


async def test_waiting_ends_with_the_reason() -> None:
    """What did not come true is shown by its own text."""
    found: list[str] = []

    with pytest.raises(AssertionError, match="len\\(found\\) == 1"):
        await eventually(lambda: len(found) == 1, within_s=0.02)


def _send(sink: SmtpSink, message: bytes) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(sink.host, sink.port, timeout=TIMEOUT_S) as connection:
        connection.starttls(context=ssl.create_default_context(cafile=str(sink.ca_file)))
        connection.login(sink.user, sink.password)
        return connection.sendmail("ada@example.test", [BOB, EVE], message)
