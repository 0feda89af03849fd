"""What is wrong with an account is said in plain words, once, and taken back."""

from pathlib import Path
from uuid import uuid4

import pytest

from courrier.events.base import Event
from courrier.events.commands.fetcher import FetchAccount
from courrier.events.families.mailbox import FetchingFailed, FetchingRecovered, MessageReceived
from courrier.local.ports import free_port
from integration.fetcher.networks import Cuts, Script, breaking_network, scripted_server
from integration.fetcher.running import Bench
from support.builders import ACCOUNT, raw_message
from support.imap_accounts import ImapAccount, ImapServer
from support.waiting import eventually

pytestmark = pytest.mark.integration

OK = b"{tag} OK done\r\n"
ANSWERS: dict[bytes, bytes | list[bytes]] = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE\r\n" + OK,
    b"LOGIN": OK,
    b"LIST": b'* LIST () "/" INBOX\r\n' + OK,
    b"EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n" + OK,
    b"SEARCH": b"* SEARCH 1\r\n" + OK,
    b"FETCH": b"* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n" + OK,
    b"NOOP": OK,
}


async def failures(bench: Bench) -> list[str]:
    """Reasons recorded so far."""
    return [event.reason for event in await bench.events(FetchingFailed)]


async def text_of_failure(bench: Bench, reason: str, within_s: float = 12.0) -> str:
    """Wait for a failure with this reason and return its text."""

    async def failed() -> bool:
        return reason in await failures(bench)

    await eventually(failed, within_s=within_s)
    return next(e.text for e in await bench.events(FetchingFailed) if e.reason == reason)


async def test_a_wrong_password_is_told_and_put_right(
    bench: Bench, strict_dovecot: ImapServer
) -> None:
    """The form sent again with the right one is tried at once."""
    mailbox = strict_dovecot.new_user()
    mailbox.append("INBOX", raw_message())
    await bench.add_account(mailbox, password="not-the-password")

    async with bench.fetcher():
        text = await text_of_failure(bench, "log-in-refused")
        await bench.add_account(mailbox)
        await eventually(lambda: bench.events(FetchingRecovered))

    assert "Check user and password" in text
    assert "not-the-password" not in text
    assert 1 == len(await bench.events(MessageReceived))


async def test_an_unknown_authority_is_not_trusted(bench: Bench, dovecot: ImapServer) -> None:
    """Without the extra CA file the certificate is refused, and the setting is named."""
    bench.ca_file = None
    await bench.add_account(dovecot.new_user())

    async with bench.fetcher():
        text = await text_of_failure(bench, "tls")

    assert "COURRIER_EXTRA_CA_FILE" in text


async def test_a_certificate_for_another_name_is_refused(bench: Bench, dovecot: ImapServer) -> None:
    """Signed by an authority that is trusted, but for another host than this one."""
    mailbox = dovecot.new_user()
    network = breaking_network(mailbox.host, mailbox.port, Cuts(after=[]), at="127.0.0.2")
    async with network as port:
        await bench.add_account(mailbox, host="127.0.0.2", port=port)
        async with bench.fetcher():
            text = await text_of_failure(bench, "tls")

    assert "127.0.0.2" in text


async def test_a_missing_folder_is_told_and_others_are_read(
    bench: Bench, dovecot: ImapServer
) -> None:
    """One folder fails; once it is there, all is well."""
    mailbox = dovecot.new_user()
    mailbox.append("INBOX", raw_message(subject="read"))
    await bench.add_account(mailbox, folders=("INBOX", "Projects"))

    async with bench.fetcher(poll_s=0.2):
        text = await text_of_failure(bench, "folder-missing")
        await eventually(lambda: _has_subjects(bench, ["read"]))
        mailbox.append("Projects", raw_message(subject="there"))
        command = FetchAccount(command_id=uuid4(), account_id=ACCOUNT, actor="user:me")
        await bench.bus.ask(command)
        await eventually(lambda: bench.events(FetchingRecovered))

    assert "'Projects'" in text
    assert ["folder-missing"] == await failures(bench)
    assert ["read", "there"] == await bench.subjects()


async def _has_subjects(bench: Bench, expected: list[str]) -> bool:
    return expected == await bench.subjects()


async def test_a_server_that_is_away_is_one_event(bench: Bench, dovecot: ImapServer) -> None:
    """Tried again and again, recorded once, with the time of the next try."""
    await bench.add_account(dovecot.new_user(), port=free_port())

    async with bench.fetcher():
        await text_of_failure(bench, "refused")
        for _ in range(3):
            command = FetchAccount(command_id=uuid4(), account_id=ACCOUNT, actor="user:me")
            await bench.bus.ask(command)

    (event,) = await bench.events(FetchingFailed)
    assert event.retry_at is not None


async def test_an_unknown_name_is_told(bench: Bench, dovecot: ImapServer) -> None:
    """The spelling of the host is what people can check."""
    await bench.add_account(dovecot.new_user(), host="imap.nowhere.invalid")

    async with bench.fetcher():
        assert "spelling" in await text_of_failure(bench, "name-not-found")


def scripted(ca_file: Path, port: int) -> ImapAccount:
    """The account of a scripted server."""
    return ImapAccount("127.0.0.1", port, "me", "a-secret", ca_file)


@pytest.mark.parametrize(
    "script",
    [
        Script(answers={b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n" + OK, b"LOGIN": OK}),
        Script(greeting=b"* PREAUTH welcome\r\n", answers=dict(ANSWERS)),
        Script(
            answers={
                b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + OK,
                b"STARTTLS": OK + b"* OK more before the handshake",
            }
        ),
    ],
    ids=["not offered", "preauth", "bytes before the handshake"],
)
async def test_starttls_is_never_stripped(bench: Bench, script: Script) -> None:
    """No password leaves in clear, whatever stands between us and the server."""
    assert bench.ca_file
    async with scripted_server(script) as port:
        await bench.add_account(scripted(bench.ca_file, port), tls="starttls")
        async with bench.fetcher():
            await text_of_failure(bench, "tls")

    assert not any(b"LOGIN" in line or b"AUTHENTICATE" in line for line in script.heard)


@pytest.mark.parametrize(
    ("command", "answer", "reason"),
    [
        (b"SEARCH", b"CLOSE", "disconnected"),
        (b"SEARCH", b"* BYE maintenance\r\n", "disconnected"),
        (b"SEARCH", b"{tag} NO [SERVERBUG] sorry\r\n", "server-error"),
        (b"SEARCH", b"B99 OK not yours\r\n", "server-error"),
        (b"EXAMINE", b"* 1 EXISTS\r\n" + OK, "server-error"),
        (b"FETCH", b"* 1 FETCH (UID 1 BODY[] {4294967295}\r\n", "server-error"),
        (b"LOGIN", b"{tag} NO [UNAVAILABLE] later\r\n", "server-error"),
        (b"LOGIN", b"{tag} NO [AUTHENTICATIONFAILED] no\r\n", "log-in-refused"),
    ],
)
async def test_bad_servers_are_named_and_left(
    bench: Bench, command: bytes, answer: bytes, reason: str
) -> None:
    """Whatever a server does at whatever point, the account is marked and tried later."""
    script = Script(answers=ANSWERS | {command: answer})
    assert bench.ca_file
    async with scripted_server(script) as port:
        await bench.add_account(scripted(bench.ca_file, port), tls="none")
        async with bench.fetcher():
            await text_of_failure(bench, reason)

    assert [] == await bench.events(MessageReceived)


LISTED = b"* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n" + OK
STRANGER = b"* 1 FETCH (UID 9 BODY[] {2}\r\nhi)\r\n" + OK


@pytest.mark.parametrize(
    ("answers", "reason"),
    [([LISTED, STRANGER, OK], "vanished"), ([LISTED, STRANGER, LISTED, STRANGER], "undelivered")],
)
async def test_a_message_that_does_not_come_is_skipped(
    bench: Bench, answers: list[bytes], reason: str
) -> None:
    """Gone since SEARCH, or listed and never sent: settled with its reason; others are ignored."""
    script = Script(answers=ANSWERS | {b"FETCH": answers})
    assert bench.ca_file
    async with scripted_server(script) as port:
        await bench.add_account(scripted(bench.ca_file, port), tls="none")
        async with bench.fetcher():
            await eventually(lambda: bench.events(FetchingRecovered))

    (cursor,) = await bench.cursors()
    assert [(1, reason)] == [(one.uid, one.reason) for one in cursor.skipped]
    assert [] == await bench.events(MessageReceived)


async def test_a_message_left_out_at_first_is_asked_for_again(bench: Bench) -> None:
    """A server that forgets one of a batch gives it when asked for it alone."""
    sent = b"* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n" + OK
    script = Script(answers=ANSWERS | {b"FETCH": [LISTED, STRANGER, LISTED, sent]})
    assert bench.ca_file
    async with scripted_server(script) as port:
        await bench.add_account(scripted(bench.ca_file, port), tls="none")
        async with bench.fetcher():
            await eventually(lambda: bench.events(FetchingRecovered))

    (cursor,) = await bench.cursors()
    assert () == cursor.skipped
    assert [1] == [uid for _, uid in await bench.uids()]


async def test_failing_and_recovering_are_the_accounts_state(bench: Bench) -> None:
    """One count over both, on a subject of its own."""
    script = Script(answers=ANSWERS | {b"LOGIN": b"{tag} NO no\r\n"})
    assert bench.ca_file
    async with scripted_server(script) as port:
        await bench.add_account(scripted(bench.ca_file, port), tls="none")
        async with bench.fetcher():
            await text_of_failure(bench, "log-in-refused")
            script.answers[b"LOGIN"] = OK
            command = FetchAccount(command_id=uuid4(), account_id=ACCOUNT, actor="user:me")
            await bench.bus.ask(command)
            await eventually(lambda: bench.events(FetchingRecovered))

    kinds: tuple[type[Event], ...] = (FetchingFailed, FetchingRecovered)
    state = [recorded for recorded in await bench.log() if isinstance(recorded.event, kinds)]
    assert [1, 2] == [recorded.version for recorded in state]
    assert 1 == len({recorded.subject for recorded in state})
