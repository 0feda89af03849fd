"""``:test``, ``/folders`` and presets over HTTP, with a fetcher on the other side of the broker."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from nats.aio.client import Client

from courrier.events.commands.mailboxes import InspectMailbox
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.runtime.tls import client_context
from courrier.fetcher.adapters.imap.servers import ImapMailServers
from courrier.fetcher.adapters.token_endpoint import HttpTokenEndpoint, token_client
from courrier.fetcher.handlers.inspecting import Inspecting
from courrier.fetcher.handlers.secrets import AccountSecrets
from support.imap_imitations import gmail, listening
from support.imap_script import imap_script

from .conftest import Running

pytestmark = pytest.mark.integration

SECRET = "the-very-secret"
Json = dict[str, Any]


@pytest.fixture(autouse=True)
async def fetcher(gateway: Running, client: Client, vault: JetStreamVault) -> AsyncIterator[None]:
    """What answers the order to try a mailbox."""
    assert gateway
    servers = ImapMailServers(client_context())
    endpoint = HttpTokenEndpoint(token_client())
    secrets = AccountSecrets(vault, endpoint, lambda: datetime.now(UTC))
    inspecting = Inspecting(servers, vault, secrets)
    async with asyncio.TaskGroup() as tasks:
        await NatsCommandServer(client, tasks).serve(InspectMailbox, inspecting.answer)
        yield


def imap(port: int, **more: str | None) -> Json:
    """Settings of a server in clear."""
    there = {"host": "127.0.0.1", "port": port, "tls": "none", "user": "grace"}
    return there | {"password": SECRET} | more


async def added(gateway: Running, account: Json) -> str:
    """Set an account up and wait until it can be read."""
    answer = await gateway.admin.post("/email-accounts", json=account)
    after = {"Courrier-After": answer.headers["Courrier-Position"]}
    await gateway.admin.get("/email-accounts", headers=after)
    return str(answer.json()["id"])


@pytest.mark.parametrize("path", ["/email-accounts", "/group-accounts"])
async def test_settings_are_tried_before_they_are_saved(gateway: Running, path: str) -> None:
    """The answer names folders; the password stands neither in it nor in anything sent."""
    script = gmail()
    heard: list[bytes] = []
    async with imap_script(script) as port:
        answer = await gateway.admin.post(f"{path}:test", json={"imap": imap(port)})
    told = answer.json()

    assert (200, True, "done", None) == (
        answer.status_code,
        told["ok"],
        told["step"],
        told["problem"],
    )
    assert {"name": "[Gmail]/Spam", "special_use": "\\Junk", "selectable": True} in told["folders"]
    assert [f'LOGIN "grace" "{SECRET}"'.encode()] == script.said("LOGIN")
    assert SECRET not in answer.text
    assert [] == heard


async def test_the_password_travels_sealed(gateway: Running, client: Client) -> None:
    """Who listens on the broker hears the order, and no password."""
    heard: list[bytes] = []

    async def note(message: Any) -> None:
        heard.append(message.data)

    await client.subscribe("command.fetcher.inspect-mailbox", cb=note)
    await client.flush()
    async with imap_script(listening()) as port:
        await gateway.admin.post("/email-accounts:test", json={"imap": imap(port)})

    (order,) = heard
    assert SECRET.encode() not in order
    assert json.loads(order)["sealed_secret"]


async def test_what_is_wrong_is_told_in_the_callers_language(gateway: Running) -> None:
    """Code and step for programs, words for people."""
    french, _ = await gateway.add_user("amelie", language="fr")
    refusing = listening(LOGIN=b"{tag} NO [AUTHENTICATIONFAILED] no\r\n")
    async with french, imap_script(refusing) as port:
        told = (
            await french.post("/email-accounts:test", json={"name": "Work", "imap": imap(port)})
        ).json()

    assert (False, "log-in", "log-in-refused") == (told["ok"], told["step"], told["problem"])
    assert "Vérifiez l'utilisateur" in told["text"]


async def test_a_saved_account_is_tried_and_shows_its_folders(gateway: Running) -> None:
    """With the password of the vault, and with changes that are not saved; on its own host only."""
    script = listening()
    async with imap_script(script) as port:
        body = {"name": "W", "address": "grace@x.test", "imap": imap(port)}
        made = await added(gateway, body)
        one = f"/email-accounts/{made}"
        as_saved = (await gateway.admin.post(f"{one}:test")).json()
        wanted = {"monitored_folders": ["Projects"]}
        changed = (await gateway.admin.post(f"{one}:test", json=wanted)).json()
        user = {"imap": imap(port, user="ada", password=None)}
        other_user = (await gateway.admin.post(f"{one}:test", json=user)).json()
        elsewhere = await gateway.admin.post(
            f"{one}:test", json={"imap": imap(port + 1, password=None)}
        )
        folders = await gateway.admin.get(f"{one}/folders")

    assert (True, "folder-missing", True) == (as_saved["ok"], changed["problem"], other_user["ok"])
    assert f'LOGIN "ada" "{SECRET}"'.encode() in script.said("LOGIN")
    assert (422, "/imap/password") == (
        elsewhere.status_code,
        elsewhere.json()["errors"][0]["pointer"],
    )
    assert ["INBOX"] == [folder["name"] for folder in folders.json()["items"]]


async def test_folders_of_a_server_that_is_away_are_a_problem(gateway: Running) -> None:
    """409 with the code of what is wrong."""
    async with imap_script(listening()) as port:
        body = {"name": "W", "address": "grace@x.test", "imap": imap(port)}
        made = await added(gateway, body)
    answer = await gateway.admin.get(f"/email-accounts/{made}/folders")

    assert 409 == answer.status_code
    assert answer.json()["type"].endswith("refused")


async def test_others_accounts_are_not_tried(gateway: Running) -> None:
    """Nobody learns that they are there."""
    body = {"name": "W", "address": "grace@x.test", "imap": imap(1)}
    made = await added(gateway, body)
    stranger, _ = await gateway.add_user("eve")
    async with stranger:
        tried = await stranger.post(f"/email-accounts/{made}:test")
        group = await stranger.post("/group-accounts:test", json={"imap": imap(1)})

    assert (404, 403) == (tried.status_code, group.status_code)


async def test_presets_are_told_by_address(gateway: Running) -> None:
    """Host, port, TLS, kind of log-in and a hint; an unknown domain has none."""
    ask = "/email-accounts/presets"
    (gmail_found,) = (await gateway.admin.get(ask, params={"address": "a@gmail.com"})).json()[
        "items"
    ]
    unknown = (await gateway.admin.get(ask, params={"address": "a@x.test"})).json()["items"]

    assert ("imap.gmail.com", 993, "implicit") == tuple(
        gmail_found["imap"][name] for name in ("host", "port", "tls")
    )
    assert ("oauth-or-app-password", "google") == (gmail_found["auth"], gmail_found["oauth"])
    assert [] == unknown
