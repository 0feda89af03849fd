"""``inspect-mailbox``: try settings, saved or not, for a person who waits."""

import base64
import binascii

import structlog

from courrier.events.bus import Answer
from courrier.events.commands.answers import Refused
from courrier.events.commands.mailboxes import InspectMailbox
from courrier.events.vault import BadMasterKey, Vault
from courrier.fetcher.domain import inspecting
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.handlers.secrets import AccountSecrets
from courrier.fetcher.ports import MailServers

log = structlog.get_logger(__name__)


class Inspecting:
    """Neither the password nor what the server said goes into a log line."""

    def __init__(self, servers: MailServers, vault: Vault, secrets: AccountSecrets) -> None:
        self._servers = servers
        self._vault = vault
        self._secrets = secrets

    async def answer(self, command: InspectMailbox) -> Answer:
        """Return what was found, or why it is not tried."""
        try:
            secret = await self._secret(command)
        except CannotFetch as failure:
            return inspecting.fails(failure, "log-in", ())
        except (BadMasterKey, binascii.Error, UnicodeDecodeError):
            return Refused(reason="malformed", text="The secret was not sealed for this order.")
        seen = await self._servers.inspect(command.server, secret, command.folders)
        problem = seen.failure and seen.failure.problem
        log.info("mailbox.inspected", actor=command.actor, step=seen.step, problem=problem)
        if seen.failure is None:
            return inspecting.works(seen.folders, seen.capabilities)
        return inspecting.fails(seen.failure, seen.step, seen.folders, seen.certificate)

    async def _secret(self, command: InspectMailbox) -> str:
        if command.sealed_secret is None:
            return await self._secrets.of(command.server)
        sealed = base64.b64decode(command.sealed_secret, validate=True)
        return self._vault.open(command.sealed_name, sealed).decode()
