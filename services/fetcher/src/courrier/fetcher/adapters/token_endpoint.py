"""A provider's token endpoint over HTTPS (RFC 6749 sections 4.1.3 and 6, RFC 7009)."""

import json
from typing import Any
from urllib.parse import urlsplit

import httpx

from courrier.fetcher.domain.failures import trouble
from courrier.fetcher.domain.sign_in import Granted, SignInEnded

TIMEOUT_S = 8.0
ANSWER_BYTES = 64 * 1024
TOKEN_CHARACTERS = 20_000
LONGEST_LIFE_S = 10 * 365 * 24 * 3600
_ENDED = frozenset({"invalid_grant", "interaction_required", "consent_required"})


class HttpTokenEndpoint:
    """``TokenEndpoint`` over one pool of connections; redirects are not followed."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def grant(self, url: str, form: dict[str, str]) -> Granted:
        """Ask for tokens (see ``TokenEndpoint.grant``)."""
        status, answer = await self._post(url, form)
        token = answer.get("access_token")
        if (
            status == httpx.codes.OK
            and isinstance(token, str)
            and 0 < len(token) < TOKEN_CHARACTERS
        ):
            return Granted(
                token,
                _seconds(answer.get("expires_in")),
                _token(answer.get("refresh_token")),
                _seconds(answer.get("refresh_token_expires_in")),
            )
        error = str(answer.get("error", f"HTTP {status}"))[:100]
        if error in _ENDED:
            raise SignInEnded(error)
        raise trouble("provider-refused", host=_host(url), answer=error)

    async def revoke(self, url: str, token: str) -> None:
        """Tell that a token is not used any more (RFC 7009)."""
        await self._post(url, {"token": token})

    async def _post(self, url: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        headers = {"Accept": "application/json"}
        try:
            request = self._client.stream("POST", url, data=form, headers=headers)
            async with request as response:
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > ANSWER_BYTES:
                        raise trouble("provider-refused", host=_host(url), answer="too long")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            detail = type(error).__name__
            raise trouble("provider-silent", host=_host(url), detail=detail) from error
        return response.status_code, _object(bytes(body))


def token_client() -> httpx.AsyncClient:
    """Return the client for token endpoints."""
    return httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _seconds(value: object) -> int | None:
    """Some providers write numbers as text."""
    text = str(value)
    return min(int(text), LONGEST_LIFE_S) if text.isdigit() and len(text) < 12 else None


def _token(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) < TOKEN_CHARACTERS else None


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the provider"
