"""``inspect-outgoing``: try an outgoing server, saved or not, for a person who waits."""

import base64
import binascii
from typing import Protocol

import structlog

from courrier.events.bus import Answer, NoAnswer
from courrier.events.commands.answers import Refused
from courrier.events.commands.mailboxes import InspectOutgoing, MailboxSeen
from courrier.events.families.settings import Server
from courrier.events.vault import BadMasterKey, SecretMissing, Vault
from courrier.mail.writing.field_writing import wire_address
from courrier.mail.writing.outgoing import Unwritable
from courrier.sender.domain.smtp_problems import Obstacle, fails
from courrier.sender.handlers.log_in_secrets import LogInSecrets, SignInRefused

log = structlog.get_logger(__name__)


class Inspection(Protocol):
    """Tries servers."""

    async def look(self, server: Server, secret: str | None, address: str) -> MailboxSeen:
        """Return what was found; whatever goes wrong on the way is part of it."""
        ...


class Inspecting:
    """Neither the password nor what the server said goes into a log line."""

    def __init__(self, inspection: Inspection, vault: Vault, secrets: LogInSecrets) -> None:
        self._inspection = inspection
        self._vault = vault
        self._secrets = secrets

    async def answer(self, command: InspectOutgoing) -> Answer:
        """Return what was found, or why it is not tried."""
        try:
            address = wire_address(command.address)
            secret = await self._secret(command)
        except Unwritable:
            return Refused(reason="malformed", text="this is no address", pointer="/address")
        except (BadMasterKey, binascii.Error, UnicodeDecodeError):
            return Refused(reason="malformed", text="The secret was not sealed for this order.")
        except SecretMissing:
            return fails(Obstacle("password-missing", host=command.server.host), ())
        except (SignInRefused, NoAnswer) as error:
            facts = {"host": command.server.host, "answer": str(error)}
            return fails(Obstacle("sign-in-ended", **facts), ())
        seen = await self._inspection.look(command.server, secret, address)
        log.info("server.inspected", actor=command.actor, step=seen.step, problem=seen.problem)
        return seen

    async def _secret(self, command: InspectOutgoing) -> str | None:
        if command.sealed_secret is None:
            return await self._secrets.of(command.server)
        sealed = base64.b64decode(command.sealed_secret, validate=True)
        return self._vault.open(command.sealed_name, sealed).decode()
