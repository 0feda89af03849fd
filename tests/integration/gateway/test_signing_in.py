"""Signing in with a provider over HTTP: begun, agreed to, come back from, given back."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from nats.aio.client import Client

from courrier.events.commands.answers import Done
from courrier.events.commands.fetcher import ResumeFetching
from courrier.events.commands.mailboxes import EndSignIn, RedeemSignIn
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.vault import JetStreamVault
from courrier.fetcher.adapters.token_endpoint import HttpTokenEndpoint, token_client
from courrier.fetcher.handlers.secrets import AccountSecrets
from courrier.fetcher.handlers.signing_in import SigningIn
from support.oauth_server import CLIENT, CLIENT_SECRET, Provider, oauth_server

from .conftest import Running

pytestmark = pytest.mark.integration


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider of our own."""
    with oauth_server() as running:
        yield running


@pytest.fixture(autouse=True)
async def woken(
    gateway: Running, client: Client, vault: JetStreamVault
) -> AsyncIterator[list[str]]:
    """What a fetcher does for it; yields the accounts that were woken."""
    assert gateway
    accounts: list[str] = []

    async def resume(command: ResumeFetching) -> Done:
        accounts.append(command.account_id)
        return Done()

    secrets = AccountSecrets(vault, HttpTokenEndpoint(token_client()), lambda: datetime.now(UTC))
    signing_in = SigningIn(vault, secrets)
    async with asyncio.TaskGroup() as tasks:
        commands = NatsCommandServer(client, tasks)
        await commands.serve(RedeemSignIn, signing_in.redeem)
        await commands.serve(EndSignIn, signing_in.end)
        await commands.serve(ResumeFetching, resume)
        yield accounts


async def made(gateway: Running, account: Mapping[str, object]) -> str:
    """Set an account up and wait until it can be read."""
    answer = await gateway.admin.post("/email-accounts", json=account)
    after = {"Courrier-After": answer.headers["Courrier-Position"]}
    await gateway.admin.get("/email-accounts", headers=after)
    return str(answer.json()["id"])


async def set_up(gateway: Running, provider: Provider) -> str:
    """Let people sign in with the provider; return an account that wants to."""
    body = {
        "client_id": CLIENT,
        "client_secret": CLIENT_SECRET,
        "name": "Own",
        "authorize_url": f"{provider.url}/authorize",
        "token_url": f"{provider.url}/token",
        "revoke_url": f"{provider.url}/revoke",
        "scopes": ["mail"],
    }
    answer = await gateway.admin.put("/oauth-providers/own", json=body)
    assert 200 == answer.status_code, answer.text
    imap = {"host": "imap.x.test", "port": 993, "user": "grace@x.test"}
    account = {"name": "W", "address": "grace@x.test", "imap": imap}
    return await made(gateway, account)


async def begin(by: httpx.AsyncClient, account_id: str) -> str:
    """Start, and return where the person has to go."""
    started = await by.post(f"/email-accounts/{account_id}/oauth/own:start")
    assert 200 == started.status_code, started.text
    return str(started.json()["authorization_url"])


async def come_back(by: httpx.AsyncClient, address: str) -> httpx.Response:
    """Follow the provider's redirect."""
    return await by.get(f"/oauth/callback?{urlsplit(address).query}")


async def test_an_account_signs_in_and_out(
    gateway: Running, provider: Provider, vault: JetStreamVault, woken: list[str]
) -> None:
    """Code, verifier and tokens stand in no answer; the account then logs in with the provider."""
    account_id = await set_up(gateway, provider)
    url = await begin(gateway.admin, account_id)
    back = await come_back(gateway.admin, provider.agree(url))
    shown = await gateway.admin.get(
        f"/email-accounts/{account_id}",
        headers={"Courrier-After": back.headers["Courrier-Position"]},
    )
    record = (await vault.get(f"oauth.{account_id}")).value.decode()
    ended = await gateway.admin.post(f"/email-accounts/{account_id}/oauth/own:revoke")

    assert (200, {"account_id": account_id, "provider": "own"}) == (back.status_code, back.json())
    assert "own" == shown.json()["imap"]["oauth"]
    (token,) = provider.access
    assert token in record
    assert token not in back.text + shown.text
    assert [account_id] == woken
    assert (204, 1) == (ended.status_code, len(provider.revoked))


async def test_what_is_asked_of_the_provider(gateway: Running, provider: Provider) -> None:
    """Authorisation code with PKCE, a refresh token, the mailbox proposed; the verifier unseen."""
    url = await begin(gateway.admin, await set_up(gateway, provider))
    asked = {key: one[0] for key, one in parse_qs(urlsplit(url).query).items()}

    assert {
        "response_type": "code",
        "client_id": CLIENT,
        "scope": "mail",
        "code_challenge_method": "S256",
        "login_hint": "grace@x.test",
        "access_type": "offline",
    }.items() <= asked.items()
    assert asked["redirect_uri"].endswith("/api/v1/oauth/callback")
    assert "verifier" not in url


async def test_answers_to_others_questions_are_refused(
    gateway: Running, provider: Provider
) -> None:
    """Another person, a state of nobody, a code that was used, a person who does not agree."""
    url = await begin(gateway.admin, await set_up(gateway, provider))
    address = provider.agree(url)
    stranger, _ = await gateway.add_user("eve")
    async with stranger:
        others = await come_back(stranger, address)
    forged = await come_back(gateway.admin, "http://x/?state=AAAA&code=1")
    good = await come_back(gateway.admin, address)
    again = await come_back(gateway.admin, address)
    state = parse_qs(urlsplit(url).query)["state"][0]
    declined = await gateway.admin.get(
        "/oauth/callback", params={"state": state, "error": "access_denied"}
    )

    assert [409, 409, 200, 409, 409] == [
        one.status_code for one in (others, forged, good, again, declined)
    ]
    assert "access_denied" in declined.json()["detail"]


async def test_providers_are_set_up_by_administrators(gateway: Running, provider: Provider) -> None:
    """Their client's secret is shown to nobody; endpoints in clear are refused."""
    account_id = await set_up(gateway, provider)
    eve, _ = await gateway.add_user("eve")
    async with eve:
        listed = await eve.get("/oauth-providers")
        refused = await eve.put("/oauth-providers/own", json={"client_id": "x"})
        hers = await eve.post(f"/email-accounts/{account_id}/oauth/own:start")
    clear = {"client_id": "x", "authorize_url": "http://a.test/", "token_url": "http://a.test/"}
    declined = await gateway.admin.put("/oauth-providers/clear", json=clear)
    google = await gateway.admin.put("/oauth-providers/google", json={"client_id": "x"})
    removed = await gateway.admin.delete("/oauth-providers/own")
    gone = await gateway.admin.post(f"/email-accounts/{account_id}/oauth/own:start")

    assert [{"id": "own", "name": "Own", "client_id": CLIENT}] == listed.json()["items"]
    assert CLIENT_SECRET not in listed.text
    assert (403, 404) == (refused.status_code, hers.status_code)
    assert (422, 200, 204, 422) == (
        declined.status_code,
        google.status_code,
        removed.status_code,
        gone.status_code,
    )
    assert CLIENT_SECRET not in (await gateway.admin.get("/settings")).text
