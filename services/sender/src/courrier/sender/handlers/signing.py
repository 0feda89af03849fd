"""DKIM signatures of the domains we have keys of (RFC 6376), put on as the message leaves.

``selectors`` says which domains, and under which selectors their public keys are found; a private
key is the record ``dkim.<domain>.<selector>`` of the vault. The stored message stays as it was
written: its bytes do not change when a key does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from courrier.events.commands.sender import dkim_key_of
from courrier.events.vault import BadMasterKey, SecretMissing, Vault
from courrier.mail.writing.dkim import Unsignable, sign
from courrier.mail.writing.dkim_keys import InvalidKey, SigningKey, read_key
from courrier.mail.writing.field_writing import wire_address
from courrier.sender.ports import Clock

KEPT = timedelta(minutes=1)
"""How long a key that was replaced may still be used."""

Selectors = Mapping[str, Sequence[str]]


class KeyUnusable(Exception):
    """A domain is to be signed for and its key is not there; the text says what to do."""


class Signing:
    """Signs for the From address's domain or the nearest parent of it that is set up."""

    def __init__(self, vault: Vault, selectors: Selectors, clock: Clock) -> None:
        self._vault = vault
        self._selectors = {domain.lower(): tuple(names) for domain, names in selectors.items()}
        self._clock = clock
        self._keys: dict[str, tuple[datetime, tuple[SigningKey, ...]]] = {}

    async def signed(self, raw: bytes, sender: str) -> bytes:
        """Return the message with its signatures, or as it is where its domain is not set up.

        Raises:
            KeyUnusable: there is no key, or none that can sign this.
            StoreUnavailable: the vault cannot be reached.
        """
        domain = self._domain_of(sender)
        if domain is None:
            return raw
        try:
            keys = await self._keys_of(domain)
            return sign(raw, keys, now=int(self._clock().timestamp()))
        except (InvalidKey, Unsignable, SecretMissing, BadMasterKey) as error:
            raise KeyUnusable(
                f"The message cannot be signed for {domain}: {error}. "
                "Make a key with `courrier gateway dkim-key`, or take the domain out of "
                "COURRIER_SENDER_DKIM."
            ) from error

    def _domain_of(self, sender: str) -> str | None:
        labels = wire_address(sender).rpartition("@")[2].lower().split(".")
        parents = (".".join(labels[n:]) for n in range(len(labels)))
        return next((name for name in parents if name in self._selectors), None)

    async def _keys_of(self, domain: str) -> tuple[SigningKey, ...]:
        until, keys = self._keys.get(domain, (None, ()))
        if until is not None and self._clock() < until:
            return keys
        keys = tuple([await self._key(domain, name) for name in self._selectors[domain]])
        self._keys[domain] = (self._clock() + KEPT, keys)
        return keys

    async def _key(self, domain: str, selector: str) -> SigningKey:
        secret = await self._vault.get(dkim_key_of(domain, selector))
        return read_key(domain, selector, secret.value.decode())
