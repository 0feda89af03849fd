"""In by a company's own log-in: from the button to the session, and never on a false word."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey
from pydantic import SecretStr

from courrier.gateway.settings import GatewaySettings
from support.oidc_server import CLIENT, SECRET, OidcServer, start_oidc

from .conftest import NO_TLS, Running
from .house import instance

pytestmark = pytest.mark.integration

ADDRESS = "grace@example.test"
TRUTH = {"email": ADDRESS, "email_verified": True}


@pytest.fixture
def provider() -> Iterator[OidcServer]:
    """A provider that says it is Grace."""
    with start_oidc() as server:
        server.person = dict(TRUTH)
        yield server


@pytest.fixture
async def url(
    gateway: Running, settings: GatewaySettings, provider: OidcServer
) -> AsyncIterator[str]:
    """An instance that trusts the provider; Grace may use it."""
    grace, _ = await gateway.add_user("grace", email_addresses=[ADDRESS])
    await grace.aclose()
    known: dict[str, Any] = {
        "gateway_oidc_issuer": provider.url,
        "gateway_oidc_client_id": CLIENT,
        "gateway_oidc_client_secret": SecretStr(SECRET),
        "gateway_oidc_name": "Example & Co",
    }
    async with instance(settings.model_copy(update=known)) as found:
        yield found


def browser(url: str) -> httpx.AsyncClient:
    """Return something that follows links and keeps cookies."""
    return httpx.AsyncClient(base_url=url, follow_redirects=True, timeout=15, verify=NO_TLS)


async def come_in(url: str) -> tuple[httpx.Response, int]:
    """Press the button; return the page where it ends, and what ``/me`` says there."""
    async with browser(url) as client:
        page = await client.get("/oidc?next=/api/v1/me")
        return page, (await client.get("/api/v1/me")).status_code


async def test_people_come_in_by_their_companys_log_in(
    gateway: Running, url: str, provider: OidcServer
) -> None:
    """To the page that they wanted; nobody comes in on a token that is false in anything."""
    async with browser(url) as client:
        form = await client.get("/login?next=/api/v1/me")
    page, status = await come_in(url)
    refused = {}
    lies: tuple[dict[str, Any], ...] = (
        {"nonce": "another"},
        {"aud": "another"},
        {"iss": "https://another.test"},
        {"exp": 1},
        {"email_verified": False},
        {"email": "nobody@example.test"},
    )
    for provider.lies in lies:
        refused[str(provider.lies)] = await come_in(url)
    provider.lies = {}
    provider.published = [ECKey.generate_key("P-256", {"kid": "one"})]
    provider.key = ECKey.generate_key("P-256", {"kid": "two"})
    refused["a key that is not published"] = await come_in(url)
    plain = await gateway.client().get(f"{gateway.url}/oidc")

    assert 'href="/oidc?next=/api/v1/me"' in form.text
    assert "Example &amp; Co" in form.text
    assert ("grace", 200) == (page.json()["user"]["login"], status)
    assert {401} == {page.status_code for page, _ in refused.values()}
    assert {401} == {status for _, status in refused.values()}
    assert 404 == plain.status_code


async def test_an_answer_is_this_browsers_and_taken_once(
    gateway: Running, url: str, provider: OidcServer
) -> None:
    """A link made by somebody else logs nobody in; nor does a code a second time, or a leaver."""
    async with browser(url) as mallory, browser(url) as victim:
        mallory.follow_redirects = False
        sent = await mallory.get("/oidc")
        back = (await mallory.get(sent.headers["Location"])).headers["Location"]
        victim.follow_redirects = False
        await victim.get("/oidc")
        tricked = await victim.get(back)
        own = await mallory.get(back)
        again = await mallory.get(back)
        elsewhere = await mallory.get("/oidc?next=//evil.example")
        after = (await mallory.get(elsewhere.headers["Location"])).headers["Location"]
        landed = await mallory.get(after)
    users = (await gateway.admin.get("/users")).json()["items"]
    (grace_id,) = [each["id"] for each in users if each["login"] == "grace"]
    left = await gateway.admin.patch(f"/users/{grace_id}", json={"is_active": False})
    await gateway.admin.get("/me", headers={"Courrier-After": left.headers["Courrier-Position"]})
    leaver, status = await come_in(url)

    assert (401, 303, 401) == (tricked.status_code, own.status_code, again.status_code)
    assert "/" == landed.headers["Location"]
    assert (401, 401) == (leaver.status_code, status)
