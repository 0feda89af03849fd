"""``/oidc`` and ``/oidc/callback``: in by the word of the company's own log-in.

The attempt is kept by the browser in a signed cookie of ten minutes, so that any instance can take
the answer. A second factor is the provider's business: ours is not asked for.
"""

import base64
import hmac
import json
import os
import time
from dataclasses import asdict
from datetime import UTC, datetime

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from courrier.gateway.api.caller import gateway_of
from courrier.gateway.api.problems import Problem
from courrier.gateway.api.session import door_of, set_cookie
from courrier.gateway.api.words import noted
from courrier.gateway.domain.oidc import Attempt, Claimed, OidcRefused
from courrier.gateway.entrance import LogInProvider, ProviderUnavailable
from courrier.gateway.handlers.log_in import Entry, WrongLogIn, let_in
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import configured, users

from .log_in import log_in_form, own_path
from .page_route import PageRoute

router = APIRouter(route_class=PageRoute)

COOKIE = "courrier_oidc"
PATH = "/oidc"
LIFE_S = 600
LONGEST = 2000
REFUSED = noted("The log-in there did not work. Please try again.")
NOBODY = noted("Whoever you are there belongs to nobody here. Ask your administrator.")
SILENT = noted("The log-in there does not answer. Please try again in a moment.")

log = structlog.get_logger(__name__)


def provider_of(request: Request) -> LogInProvider:
    """Return the provider.

    Raises:
        Problem: 404, there is none.
    """
    provider = gateway_of(request).log_in_provider
    if provider is None:
        raise Problem(404)
    return provider


@router.get(PATH)
async def begin(request: Request, next: str = "/") -> Response:  # noqa: A002  a query parameter
    """Send the browser to the provider."""
    provider = provider_of(request)
    state, nonce, verifier = (_random() for _ in range(3))
    until = int(time.time()) + LIFE_S
    attempt = Attempt(state, nonce, verifier, own_path(next[:LONGEST]), until)
    try:
        address = await provider.way(attempt, await _redirect_url(request))
    except (OidcRefused, ProviderUnavailable) as error:
        return _refused(request, attempt.onwards, error)
    response = RedirectResponse(address, 303)
    _set(response, gateway_of(request), _kept(gateway_of(request), attempt))
    return response


@router.get(f"{PATH}/callback")
async def callback(
    request: Request, code: str = "", state: str = "", iss: str | None = None
) -> Response:
    """Take the provider's answer: open a session for whom it names."""
    provider, gateway = provider_of(request), gateway_of(request)
    attempt = _attempt(gateway, request.cookies.get(COOKIE, ""))
    try:
        attempt = _answered(attempt, state)
        _check_sender(provider, code, iss)
        claimed = await provider.claimed(code[:LONGEST], attempt, await _redirect_url(request))
        response = await _welcome(request, await _user_id(gateway, provider, claimed), attempt)
    except (OidcRefused, ProviderUnavailable, WrongLogIn) as error:
        response = _refused(request, attempt.onwards if attempt else "/", error)
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _answered(attempt: Attempt | None, state: str) -> Attempt:
    if attempt is None or not hmac.compare_digest(attempt.state.encode(), state.encode()):
        raise OidcRefused("the answer belongs to no log-in of this browser")
    return attempt


def _check_sender(provider: LogInProvider, code: str, iss: str | None) -> None:
    if iss not in {None, provider.issuer} or not code:
        raise OidcRefused("the answer is another provider's, or a refusal")


def _random() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()


async def _user_id(gateway: Gateway, provider: LogInProvider, claimed: Claimed) -> str:
    if provider.match == "sub":
        user_id = await users.user_id_by_login(gateway.pool, claimed.subject)
        found = [user_id] if user_id else []
    elif claimed.address is None:
        raise OidcRefused("the provider does not say that the address is confirmed")
    else:
        found = await users.user_ids_by_address(gateway.pool, claimed.address)
    if len(found) != 1:
        raise WrongLogIn
    return found[0]


async def _welcome(request: Request, user_id: str, attempt: Attempt) -> Response:
    gateway = gateway_of(request)
    entry = Entry(
        user_id=user_id,
        agent=request.headers.get("user-agent", ""),
        address=request.client.host if request.client else "",
    )
    cookie, session = await let_in(door_of(gateway), user_id, entry, datetime.now(UTC))
    response = RedirectResponse(attempt.onwards, 303)
    set_cookie(response, gateway, cookie, session)
    return response


def _refused(request: Request, onwards: str, error: Exception) -> Response:
    log.warning("oidc.refused", error=repr(error))
    if isinstance(error, ProviderUnavailable):
        return log_in_form(request, onwards, SILENT, 503)
    return log_in_form(request, onwards, NOBODY if isinstance(error, WrongLogIn) else REFUSED, 401)


async def _redirect_url(request: Request) -> str:
    site = (await configured.system_settings(gateway_of(request).pool)).site_url
    return f"{(site or str(request.base_url)).rstrip('/')}{PATH}/callback"


def _kept(gateway: Gateway, attempt: Attempt) -> str:
    text = base64.urlsafe_b64encode(json.dumps(asdict(attempt)).encode()).decode()
    return f"{text}.{gateway.identity.sign('oidc attempt', text)}"


def _attempt(gateway: Gateway, cookie: str) -> Attempt | None:
    """Return the log-in that this browser began; None if there is none, or it is too old."""
    text, _, signature = cookie.rpartition(".")
    ours = gateway.identity.sign("oidc attempt", text)
    if not hmac.compare_digest(signature.encode(), ours.encode()):
        return None
    attempt = Attempt(**json.loads(base64.urlsafe_b64decode(text)))
    return attempt if attempt.until > time.time() else None


def _set(response: Response, gateway: Gateway, value: str) -> None:
    # Lax, not strict: the answer comes by a link from the provider's site.
    response.set_cookie(
        COOKIE,
        value,
        max_age=LIFE_S,
        path=PATH,
        secure=gateway.secure_cookies,
        httponly=True,
        samesite="lax",
    )
