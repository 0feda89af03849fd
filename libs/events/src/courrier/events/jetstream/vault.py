"""The vault in the KV bucket ``VAULT``: one message a name, sealed before it leaves."""

import json

import nats.errors
from nats.aio.client import Client

from courrier.events.jetstream.api import API_TIMEOUT_S
from courrier.events.jetstream.direct import DirectReader, sequence_of
from courrier.events.jetstream.streams import VAULT_STREAM, VAULT_SUBJECT
from courrier.events.store import StoreUnavailable
from courrier.events.vault import Seal, Secret, SecretChanged, SecretMissing

_WRONG_SEQUENCE = 10071


class JetStreamVault:
    """``Vault`` over one connection; a secret's revision is its stream sequence."""

    def __init__(self, client: Client, seal: Seal) -> None:
        self._client = client
        self._seal = seal
        self._reader = DirectReader(client)

    async def get(self, name: str) -> Secret:
        """Return a secret (see ``Vault.get``)."""
        found = await self._reader.last(VAULT_STREAM, [VAULT_SUBJECT + name])
        if not found or not found[0].data:
            raise SecretMissing(f"the vault has no {name}")
        return Secret(self._seal.open(name, found[0].data), sequence_of(found[0]))

    async def put(self, name: str, value: bytes) -> int:
        """Set a secret whatever stood there."""
        return await self._write(name, value, {})

    async def swap(self, name: str, value: bytes, revision: int) -> int:
        """Set a secret only if its revision is still this one (see ``Vault.swap``)."""
        expected = {"Nats-Expected-Last-Subject-Sequence": str(revision)}
        return await self._write(name, value, expected)

    def seal(self, name: str, value: bytes) -> bytes:
        """Return a secret sealed for this name; it is not stored."""
        return self._seal.seal(name, value)

    def open(self, name: str, sealed: bytes) -> bytes:
        """Return the secret that was sealed for this name (see ``Vault.open``)."""
        return self._seal.open(name, sealed)

    async def _write(self, name: str, value: bytes, headers: dict[str, str]) -> int:
        sealed = self._seal.seal(name, value)
        try:
            answer = await self._client.request(
                VAULT_SUBJECT + name, sealed, timeout=API_TIMEOUT_S, headers=headers
            )
        except (TimeoutError, nats.errors.Error) as error:
            raise StoreUnavailable(f"NATS did not store {name} in the vault") from error
        ack = json.loads(answer.data)
        if declined := ack.get("error"):
            if declined["err_code"] == _WRONG_SEQUENCE:
                raise SecretChanged(f"{name} was written by somebody else")
            raise StoreUnavailable(f"vault: {declined['description']} ({declined['err_code']})")
        return int(ack["seq"])
