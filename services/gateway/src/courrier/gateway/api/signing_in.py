"""Sign in with a provider, instead of a password: OAuth 2 by authorisation code and PKCE.

An administrator sets up ``/oauth-providers``; whoever has an account starts, agrees at the
provider, and comes back to one address for all, ``/oauth/callback``.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from courrier.events.base import derived_id
from courrier.events.bus import NoAnswer
from courrier.events.commands.fetcher import ResumeFetching
from courrier.events.families.settings import OAuthProvider
from courrier.gateway.domain.access import may_administer, may_use_account
from courrier.gateway.domain.email_account import AccountMissing
from courrier.gateway.domain.sign_in import known_provider
from courrier.gateway.handlers import signing_in
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import configured, email_accounts

from .account_forms import Json
from .answers import Facts, answer, answers, listed, nothing
from .caller import AdminDep, Caller, CallerDep, GatewayDep, cause_of
from .orders import order
from .problems import Problem
from .routing import CourrierRoute
from .shapes import Moment, Shown, example
from .values import Body, Line, Password, PathId

CALLBACK = "/api/v1/oauth/callback"
STARTED: Json = {
    "authorization_url": "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&…",
    "expires_at": "2026-03-02T12:15:00Z",
}
PROVIDER: Json = {"id": "google", "name": "Google", "client_id": "1234.apps.example.org"}
DONE: Json = {"account_id": "a1b2c3d4e5f60718293a4b5c6d7e8f90", "provider": "google"}
Url = Annotated[Line, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")]

router = APIRouter(route_class=CourrierRoute, tags=["sign-in with providers"])


class StartedShown(Shown):
    """Where the person's browser goes; the way back is open until ``expires_at``."""

    authorization_url: str
    expires_at: Moment


class ProviderShown(Shown):
    """A provider that people can sign in with; never its client's secret."""

    id: str
    name: str
    client_id: str


class SignedInShown(Shown):
    """The account logs in with the provider's tokens from now on."""

    account_id: str
    provider: str


class ProviderBody(Body):
    """The client that was registered with the provider, and, for another than those we know, where.

    Google and Microsoft are known: ``tenant`` is Microsoft's, ``common`` for everybody. Register
    ``<site>/api/v1/oauth/callback`` as the redirect address.
    """

    model_config = example({"client_id": "1234.apps.example.org", "client_secret": "…"})

    client_id: Line
    client_secret: Password | None = None
    name: Line | None = None
    tenant: Annotated[Line, Field(pattern="^[A-Za-z0-9.-]+$")] = "common"
    authorize_url: Url | None = None
    token_url: Url | None = None
    revoke_url: Url | None = None
    scopes: Annotated[tuple[Line, ...], Field(max_length=20)] = ()

    def provider(self, name: str) -> OAuthProvider:
        """Return it for the log.

        Raises:
            Problem: an unknown provider without its endpoints.
        """
        usual = known_provider(name, self.tenant)
        named: Json = usual.model_dump() if usual else {"name": name}
        fields = ("name", "authorize_url", "token_url", "revoke_url", "scopes")
        named |= {field: getattr(self, field) for field in fields if getattr(self, field)}
        if not {"authorize_url", "token_url"} <= named.keys():
            text = "this provider is not known here: give authorize_url and token_url"
            raise Problem(422, text, [{"pointer": "/authorize_url", "detail": text}])
        return OAuthProvider.model_validate(named | {"client_id": self.client_id})


ProviderName = Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")]


@router.get("/oauth-providers", responses=listed(PROVIDER, ProviderShown))
async def list_oauth_providers(gateway: GatewayDep, _: CallerDep) -> Response:
    """Which providers people can sign in with here."""
    found = (await configured.system_settings(gateway.pool)).oauth_providers
    items = [
        {"id": key, "name": one.name, "client_id": one.client_id} for key, one in found.items()
    ]
    return answer({"items": items, "next": None})


@router.put("/oauth-providers/{name}", responses=answers(PROVIDER, 200, 403, shape=ProviderShown))
async def set_oauth_provider(
    name: ProviderName, body: ProviderBody, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Let people sign in with a provider; a secret left out stays for the same client."""
    wanted = body.provider(name)
    cause = cause_of(request, caller)
    kept = await signing_in.keep_provider(gateway, name, wanted, body.client_secret, cause)
    return answer({"id": name, "name": kept.name, "client_id": kept.client_id})


@router.delete("/oauth-providers/{name}", status_code=204, responses=answers(None, 204, 403))
async def remove_oauth_provider(
    name: ProviderName, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Offer it no more; who signed in stays so."""
    await signing_in.drop_provider(gateway, name, cause_of(request, caller))
    return nothing(None)


@router.get("/oauth/callback", responses=answers(DONE, 200, 409, shape=SignedInShown))
async def finish_sign_in(  # noqa: PLR0913, PLR0917  what the provider sends
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    state: Annotated[str, Query(min_length=1, max_length=4000)],
    code: Annotated[str | None, Query(max_length=4000)] = None,
    error: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Where the provider sends the person back to; browsers go on to the page of accounts."""
    now = datetime.now(UTC)
    asked = signing_in.opened(
        gateway.vault, state, person_id=caller.person.id, session=_session(caller), now=now
    )
    if not code:
        text = f"{asked.provider} gave no permission ({error or 'no reason given'}): begin again"
        raise Problem(409, text, slug="consent-refused")
    await _check_account(gateway, caller, asked.account_id, is_group=None)
    cause = cause_of(request, caller)
    await order(gateway, await signing_in.redemption(gateway, asked, code, cause))
    position = await signing_in.use_tokens(gateway, asked, _part(cause, "use"))
    await _wake(gateway, asked.account_id, cause)
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/", 303)
    done = {"account_id": asked.account_id, "provider": asked.provider}
    return answer(done, 200, Facts(position))


def _add_start(path: str, noun: str, *, is_group: bool) -> None:
    async def start(
        account_id: PathId,
        provider: ProviderName,
        request: Request,
        gateway: GatewayDep,
        caller: CallerDep,
    ) -> Response:
        address = await _check_account(gateway, caller, account_id, is_group=is_group)
        wanted = await signing_in.provider_of(gateway, provider)
        asked = {
            "account_id": account_id,
            "provider": provider,
            "person_id": caller.person.id,
            "session": _session(caller),
            "redirect_uri": await _callback(gateway, request),
        }
        state = signing_in.new_state(asked, datetime.now(UTC))
        url = signing_in.begun(gateway.vault, wanted, state, address)
        ends = state.ends_at.isoformat().replace("+00:00", "Z")
        shown = answer({"authorization_url": url, "expires_at": ends})
        shown.headers["Cache-Control"] = "no-store"
        return shown

    router.post(
        f"{path}/{{account_id}}/oauth/{{provider}}:start",
        name=f"start_sign_in_of_{_name(is_group=is_group)}",
        description=f"Begin to sign in with a provider for one {noun}.",
        responses=answers(STARTED, 200, 404, 422, shape=StartedShown),
    )(start)


def _add_revoke(path: str, noun: str, *, is_group: bool) -> None:
    async def revoke(
        account_id: PathId,
        provider: ProviderName,
        request: Request,
        gateway: GatewayDep,
        caller: CallerDep,
    ) -> Response:
        await _check_account(gateway, caller, account_id, is_group=is_group)
        cause = cause_of(request, caller)
        await order(gateway, await signing_in.end(gateway, account_id, provider, cause))
        return nothing(None)

    router.post(
        f"{path}/{{account_id}}/oauth/{{provider}}:revoke",
        status_code=204,
        name=f"revoke_sign_in_of_{_name(is_group=is_group)}",
        description=f"Give the permission of one {noun} back and forget its tokens.",
        responses=answers(None, 204, 404, 409, 422),
    )(revoke)


def _name(*, is_group: bool) -> str:
    return "group_account" if is_group else "email_account"


for _add in (_add_start, _add_revoke):
    _add("/email-accounts", "e-mail account", is_group=False)
    _add("/group-accounts", "group account", is_group=True)


async def _check_account(
    gateway: Gateway, caller: Caller, account_id: str, *, is_group: bool | None
) -> str:
    """Return the account's address, if the caller may set it up."""
    row = await email_accounts.account_by_id(gateway.pool, account_id)
    person = caller.person
    if row is None or is_group not in {None, row.is_group}:
        raise AccountMissing("there is no such account")
    is_theirs = not row.is_group and may_use_account(person, row.owner_id)
    if not (is_theirs or may_administer(person)):
        raise AccountMissing("there is no such account")
    return row.address


async def _callback(gateway: Gateway, request: Request) -> str:
    """Return the one address that providers know; the site's own, else where we were asked."""
    site = (await configured.system_settings(gateway.pool)).site_url
    return (site or str(request.base_url)).rstrip("/") + CALLBACK


async def _wake(gateway: Gateway, account_id: str, cause: Cause) -> None:
    """Fetch at once, also where too many log-ins had failed; later is good enough, too."""
    wanted = derived_id(str(cause.command_id), "wake")
    command = ResumeFetching(command_id=wanted, account_id=account_id, actor=cause.actor)
    with suppress(NoAnswer):
        await gateway.bus.ask(command)


def _session(caller: Caller) -> str:
    return caller.session.digest if caller.session else "token"


def _part(cause: Cause, part: str) -> Cause:
    return replace(cause, command_id=derived_id(str(cause.command_id), part))
