"""Tokens of a provider are renewed once, by one fetcher, in time; what ends is told."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from courrier.events.families.settings import OAuthProvider, Server
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.runtime.tls import client_context
from courrier.fetcher.adapters.imap.servers import ImapMailServers
from courrier.fetcher.adapters.token_endpoint import HttpTokenEndpoint, token_client
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.domain.sign_in import Tokens
from courrier.fetcher.handlers.secrets import AccountSecrets
from support.certificates import Certificates
from support.dovecot import start_dovecot
from support.oauth_server import CLIENT, CLIENT_SECRET, Provider, oauth_server

pytestmark = pytest.mark.integration

ACCOUNT = "a" * 32
HERE = Server(host="127.0.0.1", port=1, oauth="own", secret=f"oauth.{ACCOUNT}")


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time now."""
        return self.now


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider of our own."""
    with oauth_server() as running:
        yield running


def as_known(provider: Provider) -> OAuthProvider:
    """How the provider is set up here."""
    return OAuthProvider(
        name="Own",
        client_id=CLIENT,
        authorize_url=f"{provider.url}/authorize",
        token_url=f"{provider.url}/token",
        revoke_url=f"{provider.url}/revoke",
        secret="oauth-client.own",
    )


async def signed_in(
    provider: Provider, vault: JetStreamVault, clock: Clock, *, lives_s: int = 3600
) -> AccountSecrets:
    """Somebody agreed: tokens are in the vault."""
    await vault.put("oauth-client.own", CLIENT_SECRET.encode())
    secrets = AccountSecrets(vault, HttpTokenEndpoint(token_client()), clock)
    provider.lives_s = lives_s
    url = (
        "http://x/?client_id=courrier-client&code_challenge_method=S256&state=s"
        "&redirect_uri=http://here/cb&code_challenge=KoVtI4hqQ-NRMDY9WFhX2VCcRfBEudYnFVYyOebkWgU"
    )
    code = provider.agree(url).partition("code=")[2].partition("&")[0]
    form = {"code": code, "code_verifier": VERIFIER, "redirect_uri": "http://here/cb"}
    await secrets.redeem(ACCOUNT, as_known(provider), form)
    return secrets


VERIFIER = "the-verifier-of-this-test-that-is-long-enough-for-rfc-7636"


async def test_a_token_is_used_until_it_ends(provider: Provider, vault: JetStreamVault) -> None:
    """Then a new one is fetched, and the old refresh token is gone."""
    clock = Clock()
    secrets = await signed_in(provider, vault, clock)
    first = [await secrets.of(HERE) for _ in "12"]
    clock.now += timedelta(minutes=58)
    second = await secrets.of(HERE)

    assert 1 == len(set(first))
    assert second != first[0]
    assert 1 == provider.refreshes
    assert 1 == len(provider.refresh)


async def test_two_fetchers_renew_once(provider: Provider, vault: JetStreamVault) -> None:
    """A refresh token that works once would be lost otherwise."""
    clock = Clock()
    one = await signed_in(provider, vault, clock)
    other = AccountSecrets(vault, HttpTokenEndpoint(token_client()), clock)
    clock.now += timedelta(hours=2)
    tokens = await asyncio.gather(*(who.of(HERE) for who in (one, other, one, other)))

    assert 1 == len(set(tokens))
    assert 1 == provider.refreshes


async def test_a_fetcher_that_died_while_renewing_delays_only(
    provider: Provider, vault: JetStreamVault
) -> None:
    """Its claim ends by itself."""
    clock = Clock()
    secrets = await signed_in(provider, vault, clock)
    clock.now += timedelta(hours=2)
    record = await vault.get(f"oauth.{ACCOUNT}")
    tokens = Tokens.model_validate_json(record.value)
    dead = tokens.model_copy(update={"claimed_until": clock.now + timedelta(seconds=15)})
    await vault.put(f"oauth.{ACCOUNT}", dead.model_dump_json().encode())
    waiting = asyncio.create_task(secrets.of(HERE))
    await asyncio.sleep(0)
    clock.now += timedelta(seconds=16)

    assert await waiting in provider.access


async def test_consent_that_was_withdrawn_is_told(
    provider: Provider, vault: JetStreamVault
) -> None:
    """Once: the provider is not asked again, and no token stays in the vault."""
    clock = Clock()
    secrets = await signed_in(provider, vault, clock)
    provider.withdrawn = True
    clock.now += timedelta(hours=2)
    for _ in "12":
        with pytest.raises(CannotFetch) as caught:
            await secrets.of(HERE)
    kept = Tokens.model_validate_json((await vault.get(f"oauth.{ACCOUNT}")).value)

    assert ("sign-in-ended", 1) == (caught.value.problem, provider.refreshes)
    assert (True, "", None) == (kept.ended, kept.access_token, kept.refresh_token)
    assert "Sign in with Own again" in caught.value.text


async def test_a_provider_that_is_away_is_asked_again(
    provider: Provider, vault: JetStreamVault
) -> None:
    """Nothing is lost, and nothing of the failure is kept."""
    clock = Clock()
    secrets = await signed_in(provider, vault, clock)
    clock.now += timedelta(hours=2)
    provider.is_down = True
    with pytest.raises(CannotFetch):
        await secrets.of(HERE)
    provider.is_down = False

    assert await secrets.of(HERE) in provider.access


async def test_a_token_that_the_mail_server_refuses_is_replaced(
    provider: Provider, vault: JetStreamVault
) -> None:
    """Though its time was not over."""
    clock = Clock()
    secrets = await signed_in(provider, vault, clock)
    first = await secrets.of(HERE)
    await secrets.refused(HERE)

    assert first != await secrets.of(HERE)


async def test_a_permission_is_given_back(provider: Provider, vault: JetStreamVault) -> None:
    """The provider is told, and the vault forgets."""
    secrets = await signed_in(provider, vault, Clock())
    await secrets.end(ACCOUNT)

    assert 1 == len(provider.revoked)
    with pytest.raises(CannotFetch):
        await secrets.of(HERE)


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
async def test_a_real_server_takes_the_token(
    provider: Provider,
    vault: JetStreamVault,
    server_directory: Path,
    certificates: Certificates,
    mechanism: str,
) -> None:
    """Dovecot asks the provider whether it is good; a wrong one is told at once."""
    secrets = await signed_in(provider, vault, Clock())
    there = server_directory / f"oauth-{mechanism}"
    servers = ImapMailServers(client_context(certificates.ca_file))
    with start_dovecot(
        there, certificates, introspection_url=f"{provider.url}/introspect", mechanism=mechanism
    ) as dovecot:
        server = Server(host=dovecot.host, port=dovecot.port, user=provider.user, oauth="own")
        async with servers.connect(server, await secrets.of(HERE)) as connection:
            names = {folder.name for folder in await connection.folders()}
        with pytest.raises(CannotFetch) as caught:
            async with servers.connect(server, "a-wrong-token"):
                pass

    assert "INBOX" in names
    assert "sign-in-ended" == caught.value.problem


async def test_it_is_known_when_a_new_sign_in_will_be_needed(
    provider: Provider, vault: JetStreamVault
) -> None:
    """Where the provider tells it; a renewal that says nothing of it changes nothing."""
    clock = Clock()
    provider.refresh_lives_s = 7 * 24 * 3600
    secrets = await signed_in(provider, vault, clock)
    told = await secrets.end_of(HERE)
    provider.refresh_lives_s = 0
    clock.now += timedelta(hours=2)
    await secrets.of(HERE)

    assert clock.now + timedelta(days=7, hours=-2) == told == await secrets.end_of(HERE)
    assert None is await secrets.end_of(HERE.model_copy(update={"oauth": None}))
