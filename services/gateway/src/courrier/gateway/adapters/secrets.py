"""Secrets that a repeat must find again: derived from a key in the vault, never stored."""

import hmac
import os
from contextlib import suppress
from hashlib import sha256

from courrier.events.vault import SecretChanged, SecretMissing, Vault

TOKEN_KEY = "keys.tokens"  # noqa: S105  the record's name, not a secret
WEBHOOK_KEY = "keys.webhooks"
_KEY_BYTES = 32


async def token_seed(vault: Vault, user_id: str, idempotency_key: str) -> bytes:
    """Return the random bytes of the token that this person's request with this key makes."""
    key = await _key(vault, TOKEN_KEY)
    return hmac.digest(key, f"{user_id}\x1f{idempotency_key}".encode(), sha256)


async def webhook_key(vault: Vault, webhook_id: str, number: int) -> bytes:
    """Return the secret with this number that signs what a webhook is told."""
    key = await _key(vault, WEBHOOK_KEY)
    return hmac.digest(key, f"{webhook_id}\x1f{number}".encode(), sha256)


async def _key(vault: Vault, name: str) -> bytes:
    try:
        return (await vault.get(name)).value
    except SecretMissing:
        with suppress(SecretChanged):  # another instance was first: its key is the key
            await vault.swap(name, os.urandom(_KEY_BYTES), 0)
        return (await vault.get(name)).value
