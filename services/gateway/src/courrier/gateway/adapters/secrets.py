"""Secrets that a repeat must find again: derived from a key in the vault, never stored."""

import hmac
import os
from contextlib import suppress
from hashlib import sha256

from courrier.events.vault import SecretChanged, SecretMissing, Vault

TOKEN_KEY = "keys.tokens"  # noqa: S105  the record's name, not a secret
_KEY_BYTES = 32


async def token_seed(vault: Vault, user_id: str, idempotency_key: str) -> bytes:
    """Return the random bytes of the token that this person's request with this key makes."""
    key = await _key(vault)
    return hmac.digest(key, f"{user_id}\x1f{idempotency_key}".encode(), sha256)


async def _key(vault: Vault) -> bytes:
    try:
        return (await vault.get(TOKEN_KEY)).value
    except SecretMissing:
        with suppress(SecretChanged):  # another instance was first: its key is the key
            await vault.swap(TOKEN_KEY, os.urandom(_KEY_BYTES), 0)
        return (await vault.get(TOKEN_KEY)).value
