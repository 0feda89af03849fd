"""How a mailbox fares, over HTTP: from the log, and from the fetcher that holds it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.base import Command
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done
from courrier.events.commands.fetcher import ResumeFetching
from courrier.events.commands.figures import AccountFigures, ErrandFigures, FolderFigures
from courrier.events.families.mailbox import FetchingResumed, FetchingSuspended, FolderAdvanced
from courrier.events.families.settings import EmailAccountChanged
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.fetcher.adapters.bell import NatsBell
from support.builders import NOON, example

from .conftest import Running

pytestmark = pytest.mark.integration

IMAP = {"host": "imap.example.test", "port": 993, "user": "ada", "password": "a first one"}


@pytest.fixture
async def orders(gateway: Running, client: Client) -> AsyncIterator[list[Command]]:
    """What came for the fetcher, which is played: it resumes what it is told to."""
    came: list[Command] = []

    async def resume(command: ResumeFetching) -> Answer:
        came.append(command)
        resumed = FetchingResumed(account_id=command.account_id)
        return Done(position=(await gateway.feeder.feed(resumed)).removeprefix("1."))

    async with asyncio.TaskGroup() as tasks:
        await NatsCommandServer(client, tasks).serve(ResumeFetching, resume)
        yield came


async def new_account(gateway: Running, **fields: object) -> str:
    """Set up an account and return its id, once it can be read."""
    body = {"name": "Work", "address": "ada@example.test", "imap": IMAP} | fields
    created = await gateway.admin.post("/email-accounts", json=body)
    assert created.status_code == 201, created.text
    await gateway.admin.get("/folders", headers={"Courrier-After": position_of(created)})
    return str(created.json()["id"])


def position_of(answer: httpx.Response) -> str:
    """Where the last event of a request stands."""
    return str(answer.headers["Courrier-Position"])


async def test_an_account_that_was_given_up_says_why_and_is_resumed(
    gateway: Running, orders: list[Command]
) -> None:
    """In the words of whoever asks; resuming it is an order to the fetcher."""
    account = await new_account(gateway)
    french = await gateway.admin.patch("/me", json={"language": "fr"})
    assert french.status_code == 200, french.text
    await gateway.admin.get("/folders", headers={"Courrier-After": position_of(french)})
    texts = {"en": "The password is wrong.", "fr": "Le mot de passe est faux."}
    given_up = example(FetchingSuspended, account_id=account, texts=texts)
    after = {"Courrier-After": await gateway.feeder.feed(given_up)}

    told = (await gateway.admin.get(f"/email-accounts/{account}/status", headers=after)).json()
    resumed = await gateway.admin.post(f"/email-accounts/{account}:resume")
    after = {"Courrier-After": position_of(resumed)}
    then = (await gateway.admin.get(f"/email-accounts/{account}/status", headers=after)).json()

    assert ("needs_person", "log-in-refused", 3) == (
        told["state"],
        told["failure"]["reason"],
        told["failure"]["tries"],
    )
    assert told["why"].endswith("mot de passe.")
    assert "Le mot de passe est faux." == told["failure"]["text"]
    assert [204, 1] == [resumed.status_code, len(orders)]
    assert "waiting" == then["state"]


async def test_what_is_going_on_is_asked_of_the_fetcher_that_holds_it(
    gateway: Running, client: Client
) -> None:
    """Folders of the log and of the moment stand together; without a fetcher these are null."""
    account = await new_account(gateway)
    position = await gateway.feeder.feed(example(FolderAdvanced, account_id=account, received=5))
    folder = FolderFigures(folder="INBOX", push=True, exists=900, done=5, total=900)
    figures = AccountFigures(
        account_id=account,
        instance="one",
        state="syncing",
        push="works",
        connections=1,
        folders=(folder,),
        last_success=NOON,
        sign_in_ends_at=NOON,
        errands=ErrandFigures(waiting=2, since=NOON, next_try=NOON, text="over quota"),
    )
    path = f"/email-accounts/{account}/status"

    alone = (await gateway.admin.get(path, headers={"Courrier-After": position})).json()
    await NatsBell(client).answer({account: figures}.get)
    await client.flush()
    held = (await gateway.admin.get(path)).json()

    (shown,) = held["folders"]
    assert [None, None, None] == [alone["doing"], alone["connections"], alone["warning"]]
    assert f"ends on {NOON.date()}" in held["warning"]
    waiting = held["errands"]
    assert alone["errands"] is None
    assert [2, "over quota"] == [waiting["waiting"], waiting["text"]]
    assert ["syncing", "works", 1] == [held["doing"], held["push"], held["connections"]]
    assert [5, 5, 900, 900, True] == [
        shown[name] for name in ("received", "done", "total", "exists", "pushed")
    ]


async def test_another_password_is_a_fact_although_it_is_not_seen(gateway: Running) -> None:
    """Whoever fetches the account has to learn that there is something new to try."""
    account = await new_account(gateway)
    path = f"/email-accounts/{account}"
    before = (await gateway.admin.get(path)).json()

    same = await gateway.admin.patch(path, json={"imap": {**IMAP, "password": "a second one"}})
    history = await gateway.feeder.store.load(subjects.email_account(account))

    assert ["1", "2"] == [before["version"], same.json()["version"]]
    assert [EmailAccountChanged] == [type(recorded.event) for recorded in history[1:]]


async def test_the_account_of_somebody_who_is_gone_is_paused(gateway: Running) -> None:
    """Its status says so; it goes on when they are back."""
    _, ada = await gateway.add_user("ada")
    account = await new_account(gateway, owner_id=ada)
    gone = await gateway.admin.patch(f"/users/{ada}", json={"is_active": False})
    after = {"Courrier-After": position_of(gone)}

    status = (await gateway.admin.get(f"/email-accounts/{account}/status", headers=after)).json()

    assert ("paused", "owner-deactivated") == (status["state"], status["paused"])
