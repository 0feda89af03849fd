"""Secrets: sealed with AES-256-GCM, named, never in an event, a table in clear, or a log line.

A record is ``key id (8) ‖ nonce (12) ‖ ciphertext``; its name is the authenticated data, so that
one record cannot be passed off as another (NIST SP 800-38D).
"""

import base64
import binascii
import os
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_ID = 8
_NONCE = 12
_KEY_BYTES = 32


class SecretMissing(LookupError):
    """The vault has no record of this name."""


class SecretChanged(Exception):
    """The record is not the one that was read: read again before writing."""


class BadMasterKey(ValueError):
    """The master key is not 32 bytes of base64, or not the one that sealed the vault."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret in clear and the revision it was read at."""

    value: bytes
    revision: int

    def __repr__(self) -> str:
        """Never show the value, not even in a stack trace."""
        return f"Secret(revision={self.revision})"


class Vault(Protocol):
    """Named secrets. Names are dotted tokens, as in ``account.<id>.imap``."""

    async def get(self, name: str) -> Secret:
        """Return a secret.

        Raises:
            SecretMissing: no record of this name.
            BadMasterKey: this process's key did not seal it.
        """
        ...

    async def put(self, name: str, value: bytes) -> int:
        """Set a secret whatever stood there, and return its revision."""
        ...

    async def swap(self, name: str, value: bytes, revision: int) -> int:
        """Set a secret only if its revision is still this one (0: only if there is none).

        Raises:
            SecretChanged: somebody else has written it.
        """
        ...

    def seal(self, name: str, value: bytes) -> bytes:
        """Return a secret as only a holder of the master key can open it, for this name only."""
        ...

    def open(self, name: str, sealed: bytes) -> bytes:
        """Return the secret that was sealed for this name.

        Raises:
            BadMasterKey: another key sealed it, or for another name.
        """
        ...


class Seal:
    """The master key at work."""

    def __init__(self, master_key: str) -> None:
        """Take 32 bytes in base64.

        Raises:
            BadMasterKey: anything else.
        """
        try:
            key = base64.b64decode(master_key, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != _KEY_BYTES:
            raise BadMasterKey("COURRIER_MASTER_KEY must be 32 random bytes in base64")
        self._cipher = AESGCM(key)
        self._key_id = sha256(b"courrier key id" + key).digest()[:_KEY_ID]

    def seal(self, name: str, value: bytes) -> bytes:
        """Return the sealed record of this name."""
        nonce = os.urandom(_NONCE)
        return self._key_id + nonce + self._cipher.encrypt(nonce, value, name.encode())

    def open(self, name: str, record: bytes) -> bytes:
        """Return the secret in a sealed record.

        Raises:
            BadMasterKey: another key sealed it, or the record is damaged or of another name.
        """
        key_id, nonce = record[:_KEY_ID], record[_KEY_ID : _KEY_ID + _NONCE]
        if key_id != self._key_id:
            raise BadMasterKey(f"{name} was sealed with another master key")
        try:
            return self._cipher.decrypt(nonce, record[_KEY_ID + _NONCE :], name.encode())
        except InvalidTag:
            raise BadMasterKey(f"{name} is damaged or belongs to another name") from None


class MemoryVault:
    """Secrets of one process, for tests; sealed all the same."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._records: dict[str, tuple[bytes, int]] = {}

    async def get(self, name: str) -> Secret:
        """Return a secret, or raise ``SecretMissing``."""
        if name not in self._records:
            raise SecretMissing(f"the vault has no {name}")
        record, revision = self._records[name]
        return Secret(self._seal.open(name, record), revision)

    async def put(self, name: str, value: bytes) -> int:
        """Set a secret whatever stood there."""
        revision = self._records.get(name, (b"", 0))[1] + 1
        self._records[name] = (self._seal.seal(name, value), revision)
        return revision

    async def swap(self, name: str, value: bytes, revision: int) -> int:
        """Set a secret only if its revision is still this one."""
        if self._records.get(name, (b"", 0))[1] != revision:
            raise SecretChanged(f"{name} was written by somebody else")
        return await self.put(name, value)

    def seal(self, name: str, value: bytes) -> bytes:
        """Return a secret sealed for this name."""
        return self._seal.seal(name, value)

    def open(self, name: str, sealed: bytes) -> bytes:
        """Return the secret that was sealed for this name."""
        return self._seal.open(name, sealed)
