"""Ids that follow from what a thing is: the same message is the same e-mail in every mailbox.

HMAC-SHA-256 under one key that is made once and never rotated (vault record ``keys.identity``),
cut to 128 bits, lower-case hex. Keyed, so that an id reveals no Message-ID or address to those
who cannot already read them.
"""

import hmac
import os
import re
from functools import lru_cache, partial
from hashlib import sha256

from courrier.events.vault import SecretChanged, SecretMissing, Vault

IDENTITY_SECRET = "keys.identity"  # noqa: S105  the record's name, not a secret
_KEY_BYTES = 32
_ID_HEX = 32
_BLOCK_BYTES = 64
"""Of SHA-256."""

REMEMBERED, REMEMBERED_CHARS = 1 << 14, 200
"""Message-IDs whose e-mail ids are kept at hand, and the characters of one: 8 MB at most."""

SIGNATURE_PURPOSE = "message-id"
"""What our own Message-IDs are signed for (``Identity.sign``)."""

_OWN = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{16})@")


class Identity:
    """Derives ids; pure once it holds the key."""

    def __init__(self, key: bytes) -> None:
        # HMAC (RFC 2104) by its two halves, each begun once: a third of the library's time.
        block = (key if len(key) <= _BLOCK_BYTES else sha256(key).digest()).ljust(
            _BLOCK_BYTES, b"\0"
        )
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))
        self._remembered = lru_cache(REMEMBERED)(partial(self._hash, "email"))

    def email_of(self, message_id: str) -> str:
        """Return the e-mail id of a Message-ID (without brackets, compared as it stands).

        The messages of a conversation name the same ids again and again.
        """
        if len(message_id) > REMEMBERED_CHARS:
            return self._hash("email", message_id)
        return self._remembered(message_id)

    def email_of_bytes(self, digest: str) -> str:
        """Return the e-mail id of a message without Message-ID, from its blob's digest."""
        return self._hash("email-bytes", digest)

    def thread_of(self, root_message_id: str, base_subject: str) -> str:
        """Return the provisional thread id of the oldest trusted reference and base subject."""
        return self._hash("thread", root_message_id, base_subject)

    def address(self, normalised: str) -> str:
        """Return the subject token of a normalised address."""
        return self._hash("address", normalised)

    def erased_message(self, message_id: str, fingerprint: str) -> str:
        """Return the key by which copies of an erased message are recognised.

        ``message_id`` is the blob's digest where the message has none. With the fingerprint of
        From, Date and subject, so that another message under the same Message-ID is not refused.
        """
        return self._hash("erased", message_id, fingerprint)

    def sign(self, purpose: str, text: str) -> str:
        """Return a 16 hex digit signature, for ids of ours that come back from outside."""
        return self._hash("sign", purpose, text)[:16]

    def _hash(self, *parts: str) -> str:
        message = "\x1f".join(parts).encode("utf-8", "surrogatepass")
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.hexdigest()[:_ID_HEX]


def own_email_id(message_id: str, identity: Identity) -> str | None:
    """Return the e-mail id in a Message-ID that we made; None for a foreign or imitated one."""
    match = _OWN.match(message_id)
    if match is None:
        return None
    email_id, signature = match.groups()
    expected = identity.sign(SIGNATURE_PURPOSE, email_id)
    return email_id if hmac.compare_digest(signature, expected) else None


def email_id_of(message_id: str, identity: Identity) -> str:
    """Return the id of the e-mail that first bears this Message-ID, whether we have it or not."""
    return own_email_id(message_id, identity) or identity.email_of(message_id)


async def ensure_identity(vault: Vault) -> None:
    """Make the identity key if there is none; two at once end with the same key."""
    try:
        await vault.get(IDENTITY_SECRET)
    except SecretMissing:
        try:
            await vault.swap(IDENTITY_SECRET, os.urandom(_KEY_BYTES), 0)
        except SecretChanged:
            return


async def load_identity(vault: Vault) -> Identity:
    """Return the identity key at work.

    Raises:
        SecretMissing: ``courrier events apply`` has not been run.
    """
    return Identity((await vault.get(IDENTITY_SECRET)).value)
