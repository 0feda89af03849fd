"""Whatever a server sends, the connection ends with a precise problem, soon, in bounded memory."""

import asyncio
import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from courrier.events.families.settings import Server
from courrier.events.runtime.tls import client_context
from courrier.fetcher.adapters.imap.connection import ImapConnection
from courrier.fetcher.adapters.imap.servers import ImapMailServers
from courrier.fetcher.domain.batches import Listed
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.domain.received import Fetched
from courrier.fetcher.ports import MailConnection
from support.imap_imitations import courier, exchange, gmail, listening, rev2_only
from support.imap_script import OK, Answer, ImapScript, Misdeed, imap_script

pytestmark = pytest.mark.integration

SERVERS = ImapMailServers(client_context())
EVERYTHING = ((1, 2**32 - 1),)
SOON_S = 20.0
MEMORY_KB = 150 * 1024


@asynccontextmanager
async def connected(script: ImapScript) -> AsyncIterator[MailConnection]:
    """A connection to the scripted server, INBOX open."""
    async with imap_script(script) as port:
        server = Server(host="127.0.0.1", port=port, tls="none", user="grace")
        async with SERVERS.connect(server, "a password") as connection:
            await connection.open("INBOX")
            yield connection


async def fetched(connection: MailConnection, *uids: int) -> list[Fetched]:
    """Fetch these messages."""
    arriving = connection.fetch([Listed(uid, 10) for uid in uids])
    return [message async for some in arriving for message in some]


async def problem_of(talk: Awaitable[object]) -> CannotFetch:
    """How a talk with a server fails."""
    async with asyncio.timeout(SOON_S):
        with pytest.raises(CannotFetch) as caught:
            await talk
    return caught.value


async def talk_to(script: ImapScript, words: Callable[[MailConnection], Awaitable[object]]) -> None:
    """Connect, say these words, leave."""
    async with connected(script) as connection:
        await words(connection)


HOSTILE: list[tuple[str, Answer]] = [
    ("an answer to nobody", b"B99 OK not yours\r\n"),
    ("two answers", OK + OK),
    ("endless literal", b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n"),
    ("large literal", b"* 1 FETCH (UID 1 BODY[] {4294967295}\r\n"),
    ("endless responses", Misdeed.FLOOD),
    ("continuations", b"+ more\r\n" * 1000),
    ("giant counts", b'* ESEARCH (TAG "x") UID ALL 1:4294967295\r\n' + OK),
    ("nonsense", bytes(range(1, 256)) * 50 + b"\r\n"),
]


@pytest.mark.parametrize("answer", [pytest.param(one, id=name) for name, one in HOSTILE])
async def test_hostile_answers_end_the_connection(answer: Answer) -> None:
    """With one problem for all of it, whose text says what came."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    async def search(connection: MailConnection) -> None:
        await connection.search(EVERYTHING)
        await connection.noop()

    failure = await problem_of(talk_to(listening(SEARCH=answer), search))

    assert "hostile" == failure.problem
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY_KB


async def test_a_server_that_talks_without_end_between_commands_is_left() -> None:
    """Nobody listens then; it is noticed with the next command."""

    async def wait(connection: MailConnection) -> None:
        await connection.noop()
        await connection.wait_for_news(0.5, asyncio.Event())
        await connection.noop()

    script = listening(NOOP=OK + b"* OK are you there\r\n" * 50_000)

    assert "hostile" == (await problem_of(talk_to(script, wait))).problem


async def test_folders_nested_without_end_are_refused() -> None:
    """In LIST, as in everything that has lists."""
    script = listening(LIST=b"* LIST " + b"(" * 1000 + b"\r\n" + OK)

    assert "hostile" == (await problem_of(talk_to(script, lambda it: it.folders()))).problem


@pytest.mark.parametrize(
    "cut", [b"* 1 FETCH (UID 1 BODY[] {50}\r\nhalf of it", b"* 1 FET", b"* 1 FETCH (UID 1 BODY["]
)
async def test_a_connection_that_is_lost_anywhere_is_told_at_once(cut: bytes) -> None:
    """The library waits for its full time-out, or for ever."""

    async def fetch(connection: MailConnection) -> None:
        asyncio.get_running_loop().call_later(0.2, _drop, connection)
        await fetched(connection, 1)

    assert "disconnected" == (await problem_of(talk_to(listening(FETCH=cut), fetch))).problem


def _drop(connection: MailConnection) -> None:
    """Cut the line under the connection, as a network does."""
    connection._protocol.connection_lost(ConnectionResetError("reset"))  # type: ignore[attr-defined]


async def test_others_are_unharmed() -> None:
    """While one server floods, another one is read."""
    good = gmail(SEARCH=b"* SEARCH 29\r\n" + OK)
    async with connected(good) as connection, connected(listening(SEARCH=Misdeed.FLOOD)) as bad:
        flooding = asyncio.create_task(bad.search(EVERYTHING))
        found = [await connection.search(EVERYTHING) for _ in range(5)]
        with pytest.raises(CannotFetch):
            await flooding

    assert [[29]] * 5 == found


async def test_gmails_labels_do_not_disturb() -> None:
    """Labels, thread ids and MODSEQ beside what was asked for: the message is whole."""
    async with connected(gmail()) as connection:
        (message,) = await fetched(connection, 29)

    assert (29, b"hi\r\n", ("\\Seen",)) == (message.uid, message.raw, message.flags)


async def test_exchange_says_no_in_the_middle() -> None:
    """A BODYSTRUCTURE that is none, UID 0, a set that is invalid once a message has vanished."""
    failure = await problem_of(talk_to(exchange(), lambda it: fetched(it, 5)))

    assert ("server-error", "server-error") == (failure.reason, failure.problem)
    assert "message set is invalid" in failure.text


@pytest.mark.parametrize(
    ("answer", "wait_s"),
    [
        (b"NO Request is throttled. Suggested Backoff Time: 299923 milliseconds", 299.923),
        (b"NO [ALERT] Account exceeded command or bandwidth limits. (Failure)", None),
    ],
)
async def test_servers_that_ask_for_patience_are_understood(
    answer: bytes, wait_s: float | None
) -> None:
    """With the time they ask for, where they do."""
    script = exchange(SEARCH=b"{tag} " + answer + b"\r\n")
    failure = await problem_of(talk_to(script, lambda it: it.search(EVERYTHING)))

    assert ("throttled", wait_s) == (failure.reason, failure.wait_s)


async def test_a_server_of_today_is_spoken_to_in_its_way() -> None:
    """IMAP4rev2 alone: ESEARCH, names in UTF-8 both ways."""
    opened = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 4] -\r\n" + OK
    script = rev2_only(EXAMINE=opened)
    async with connected(script) as connection:
        names = [folder.name for folder in await connection.folders()]
        await connection.open("Été & co")
        found = await connection.search(EVERYTHING)

    assert ["Été & co", "Envoyés"] == names
    assert [1, 2, 3, 7] == found
    assert 'EXAMINE "Été & co"'.encode() in script.heard


async def test_moving_without_move_expunges_nothing_else() -> None:
    """COPY, flag and UID EXPUNGE with UIDPLUS; without it nothing at all."""
    selected = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 4] -\r\n{tag} OK [READ-WRITE] open\r\n"
    usual: dict[str, Answer] = {"SELECT": selected, "STORE": OK, "EXPUNGE": OK}
    copied = b"{tag} OK [COPYUID 9 5:6 11:12] done\r\n"
    can = b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n" + OK
    able, unable = listening(CAPABILITY=can, COPY=copied, **usual), listening(COPY=OK, **usual)
    async with connected(able) as connection:
        await connection.open("INBOX", writing=True)
        moved = await connection.move([5, 6], "Archive")
    async with connected(unable) as connection:
        await connection.open("INBOX", writing=True)
        with pytest.raises(CannotFetch) as caught:
            await connection.move([5], "Archive")

    assert {5: 11, 6: 12} == moved
    assert [b"UID EXPUNGE 5:6"] == able.said("EXPUNGE")
    assert "not-possible" == caught.value.reason
    assert [] == unable.said("COPY") + unable.said("EXPUNGE")


async def test_servers_say_where_folders_begin_and_who_they_are() -> None:
    """NAMESPACE and ID, where there are any."""
    names = b'* ID ("name" "Cyrus" "version" "3.6" "vendor" NIL)\r\n' + OK
    can = b"* CAPABILITY IMAP4rev1 NAMESPACE ID\r\n" + OK
    async with connected(courier(CAPABILITY=can, ID=names)) as connection:
        assert isinstance(connection, ImapConnection)
        spaces, identity = await connection.namespaces(), await connection.identify()
    async with connected(listening()) as plain:
        assert isinstance(plain, ImapConnection)
        nothing = await plain.identify()

    assert (("INBOX.", "."),) == spaces.own
    assert {"name": "Cyrus", "version": "3.6"} == identity
    assert {} == nothing
