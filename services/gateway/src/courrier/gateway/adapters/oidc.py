"""An OpenID Connect provider over HTTPS: only the addresses configured or discovered, no redirect.

Answers are bounded in size and time. Keys are kept for ten minutes; a token signed by a key that we
do not know fetches them once more, at most each minute.
"""

import json
import time
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from courrier.gateway.domain.oidc import (
    Attempt,
    Claimed,
    Endpoints,
    OidcClient,
    OidcRefused,
    authorization_url,
    check_claims,
    endpoints_of,
)
from courrier.gateway.entrance import ProviderUnavailable

TIMEOUT_S = 5.0
LARGEST = 256 * 1024
KEPT_S = 600.0
AGAIN_S = 60.0
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
"""Signatures by a key that only the provider has; never ``none`` nor a shared secret."""


class HttpOidcProvider:
    """``LogInProvider`` over HTTP."""

    def __init__(self, client: OidcClient) -> None:
        self._client = client
        self.name, self.match, self.issuer = client.name, client.match, client.issuer
        self._endpoints = client.endpoints
        self._keys: KeySet | None = None
        self._keys_at = 0.0

    async def way(self, attempt: Attempt, redirect_url: str) -> str:
        """Return where to send the browser (see ``LogInProvider.way``)."""
        endpoints = await self._found()
        return authorization_url(endpoints, self._client.client_id, redirect_url, attempt)

    async def claimed(self, code: str, attempt: Attempt, redirect_url: str) -> Claimed:
        """Exchange the code and return whom it names (see ``LogInProvider.claimed``)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_url,
            "code_verifier": attempt.verifier,
            "client_id": self._client.client_id,
        }
        answer = await self._ask("POST", (await self._found()).token, form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OidcRefused("the provider's answer has no ID token")
        return check_claims(
            await self._verified(token),
            issuer=self.issuer,
            client_id=self._client.client_id,
            nonce=attempt.nonce,
            now=time.time(),
        )

    async def _found(self) -> Endpoints:
        if self._endpoints is None:
            address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            self._endpoints = endpoints_of(await self._ask("GET", address), self.issuer)
        return self._endpoints

    async def _verified(self, token: str) -> dict[str, Any]:
        for longest_s in (KEPT_S, AGAIN_S):
            keys = await self._known_keys(longest_s)
            try:
                return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            except InvalidKeyIdError:
                continue
            except (JoseError, ValueError) as error:
                raise OidcRefused(f"the ID token is not signed well: {error!r}") from error
        raise OidcRefused("the ID token is signed by a key that the provider does not publish")

    async def _known_keys(self, longest_s: float) -> KeySet:
        if self._keys is None or time.monotonic() - self._keys_at > longest_s:
            document = await self._ask("GET", (await self._found()).keys)
            try:
                self._keys = KeySet.import_key_set({"keys": list(document["keys"])})
            except (JoseError, ValueError, KeyError, TypeError) as error:
                raise OidcRefused(f"the provider's keys cannot be read: {error!r}") from error
            self._keys_at = time.monotonic()
        return self._keys

    async def _ask(
        self, method: str, address: str, form: dict[str, str] | None = None
    ) -> dict[str, Any]:
        secret = self._client.client_secret
        auth = httpx.BasicAuth(self._client.client_id, secret) if form and secret else None
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as http:
                request = http.build_request(method, address, data=form)
                answer = await http.send(request, auth=auth, stream=True)
                body = await _bounded(answer)
        except httpx.HTTPError as error:
            raise ProviderUnavailable(f"{address} does not answer: {error!r}") from error
        if answer.status_code >= 500:
            raise ProviderUnavailable(f"{address} answered {answer.status_code}")
        if answer.status_code != 200:
            raise OidcRefused(f"{address} answered {answer.status_code}")
        try:
            found = json.loads(body)
        except ValueError as error:
            raise OidcRefused(f"{address} answered no JSON") from error
        if not isinstance(found, dict):
            raise OidcRefused(f"{address} answered no object")
        return found


async def _bounded(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > LARGEST:
            raise OidcRefused(f"{answer.url} answered more than {LARGEST} bytes")
    await answer.aclose()
    return bytes(body)
