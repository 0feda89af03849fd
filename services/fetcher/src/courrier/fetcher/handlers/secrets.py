"""What an account logs in with: a password of the vault, or an access token that is fresh.

Several fetchers may want a new token at once; the record in the vault is claimed by compare-and-set
before the provider is asked, so that it is asked once: many providers take back a refresh token
that is used twice.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from courrier.events.commands.mailboxes import tokens_of
from courrier.events.families.settings import OAuthProvider, Server
from courrier.events.vault import BadMasterKey, Secret, SecretChanged, SecretMissing, Vault
from courrier.fetcher.domain import sign_in
from courrier.fetcher.domain.failures import CannotFetch, trouble
from courrier.fetcher.domain.sign_in import CLAIM, Granted, SignInEnded, Tokens
from courrier.fetcher.ports import TokenEndpoint

LOOK_AGAIN_S = 0.1
LOOKS = int(2 * CLAIM.total_seconds() / LOOK_AGAIN_S)

log = structlog.get_logger(__name__)


class AccountSecrets:
    """Passwords and tokens of accounts."""

    def __init__(self, vault: Vault, endpoint: TokenEndpoint, now: Callable[[], datetime]) -> None:
        self._vault = vault
        self._endpoint = endpoint
        self._now = now

    async def of(self, server: Server) -> str:
        """Return what the account that has this server logs in with.

        Raises:
            CannotFetch: there is nothing, or the provider gives nothing.
            StoreUnavailable: the vault cannot be reached.
        """
        if server.oauth:
            return await self._access_token(server.secret or "")
        return (await self._read(server.secret or "")).value.decode()

    async def end_of(self, server: Server) -> datetime | None:
        """Return when the provider will want a new sign-in; None where it does not say.

        Raises:
            CannotFetch: there is nothing to log in with.
            StoreUnavailable: the vault cannot be reached.
        """
        if not server.oauth:
            return None
        secret = await self._read(server.secret or "")
        return Tokens.model_validate_json(secret.value).refresh_ends_at

    async def refused(self, server: Server) -> None:
        """Note that the server refused a token: the next try asks for another one."""
        if server.oauth and server.secret:
            await self._spend(server.secret)

    async def renew(self, name: str, *, refused: bool) -> None:
        """Have a token in the record that can be presented now, another one if it was ``refused``.

        Raises:
            CannotFetch: there is nothing, or the provider gives nothing.
            StoreUnavailable: the vault cannot be reached.
        """
        if refused:
            await self._spend(name)
        await self._access_token(name)

    async def _spend(self, name: str) -> None:
        try:
            secret = await self._vault.get(name)
            tokens = Tokens.model_validate_json(secret.value)
            if not tokens.ended:
                await self._swap(name, sign_in.spent(tokens, self._now()), secret.revision)
        except (SecretMissing, SecretChanged, BadMasterKey) as error:
            log.info("token.not_spent", error=type(error).__name__)

    async def redeem(self, account_id: str, provider: OAuthProvider, form: dict[str, str]) -> None:
        """Keep the tokens that a code is exchanged for.

        Raises:
            CannotFetch: the provider does not give them.
        """
        try:
            granted = await self._ask(provider, {"grant_type": "authorization_code", **form})
        except SignInEnded as error:
            raise trouble("provider-refused", host=provider.name, answer=str(error)) from error
        if granted.refresh_token is None:
            no_lasting = "it gave a permission for an hour only, without a refresh token"
            raise trouble("provider-refused", host=provider.name, answer=no_lasting)
        tokens = sign_in.renewed(provider, granted, None, self._now())
        await self._vault.put(tokens_of(account_id), tokens.model_dump_json().encode())

    async def end(self, account_id: str) -> None:
        """Tell the provider, where it can be told, and forget the tokens."""
        name = tokens_of(account_id)
        try:
            tokens = Tokens.model_validate_json((await self._vault.get(name)).value)
        except SecretMissing:
            return
        await self._vault.put(name, sign_in.over(tokens).model_dump_json().encode())
        token = tokens.refresh_token or tokens.access_token
        if tokens.provider.revoke_url and token:
            await self._endpoint.revoke(tokens.provider.revoke_url, token)

    async def _access_token(self, name: str) -> str:
        for _ in range(LOOKS):
            secret = await self._read(name)
            tokens = Tokens.model_validate_json(secret.value)
            if tokens.ended:
                raise _ended(tokens)
            if sign_in.is_usable(tokens, self._now()):
                return tokens.access_token
            if sign_in.is_claimed(tokens, self._now()):
                await asyncio.sleep(LOOK_AGAIN_S)
                continue
            try:
                claim = sign_in.claimed(tokens, self._now())
                revision = await self._swap(name, claim, secret.revision)
                return await self._renew(name, tokens, revision)
            except SecretChanged:
                continue
        raise trouble("provider-silent", host=name, detail="another fetcher is renewing it")

    async def _renew(self, name: str, tokens: Tokens, revision: int) -> str:
        """Ask the provider, holding the claim; whatever happens, the claim ends with it."""
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token or ""}
        try:
            granted = await self._ask(tokens.provider, form)
        except SignInEnded:
            await self._swap(name, sign_in.over(tokens), revision)
            log.info("sign_in.ended", provider=tokens.provider.name)
            raise _ended(tokens) from None
        except CannotFetch:
            await self._swap(name, sign_in.released(tokens), revision)
            raise
        fresh = sign_in.renewed(tokens.provider, granted, tokens, self._now())
        await self._swap(name, fresh, revision)
        log.info("token.renewed", provider=tokens.provider.name)
        return fresh.access_token

    async def _ask(self, provider: OAuthProvider, form: dict[str, str]) -> Granted:
        known = {"client_id": provider.client_id}
        if provider.secret:
            known["client_secret"] = (await self._read(provider.secret)).value.decode()
        return await self._endpoint.grant(provider.token_url, form | known)

    async def _swap(self, name: str, tokens: Tokens, revision: int) -> int:
        return await self._vault.swap(name, tokens.model_dump_json().encode(), revision)

    async def _read(self, name: str) -> Secret:
        try:
            return await self._vault.get(name)
        except (SecretMissing, BadMasterKey) as error:
            raise CannotFetch(
                "log-in-refused", "No password is stored for this account: enter it again."
            ) from error


def _ended(tokens: Tokens) -> CannotFetch:
    return trouble("sign-in-ended", provider=tokens.provider.name)
