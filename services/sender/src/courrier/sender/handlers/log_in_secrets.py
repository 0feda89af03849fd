"""What is shown to an outgoing server: a password of the vault, or an access token that is fresh.

Tokens are the fetcher's to renew, which speaks to the providers; it is asked when one ends soon.
"""

from datetime import timedelta

from courrier.events.base import derived_id
from courrier.events.bus import CommandBus
from courrier.events.commands.answers import Refused
from courrier.events.commands.mailboxes import AccessToken, RenewSignIn
from courrier.events.families.settings import Server
from courrier.events.vault import Vault
from courrier.sender.ports import Clock

EARLY = timedelta(minutes=2)
ACTOR = "service:sender"


class SignInRefused(Exception):
    """The provider gives no token; the text says what to do."""


class LogInSecrets:
    """Passwords and tokens of accounts."""

    def __init__(self, vault: Vault, bus: CommandBus, clock: Clock) -> None:
        self._vault = vault
        self._bus = bus
        self._clock = clock

    async def of(self, server: Server) -> str | None:
        """Return what the account that has this server logs in with; None: nothing is kept.

        Raises:
            SecretMissing: the record is gone.
            SignInRefused: only a new sign-in helps.
            NoAnswer: the fetcher, which renews tokens, does not answer.
            StoreUnavailable: the vault cannot be reached.
        """
        if server.secret is None:
            return None
        if server.oauth is None:
            return (await self._vault.get(server.secret)).value.decode()
        token = await self._token(server.secret)
        if token.access_token and token.access_ends_at - EARLY > self._clock():
            return token.access_token
        return await self.renewed(server.secret, refused=False)

    async def renewed(self, record: str, *, refused: bool = True) -> str:
        """Return a new access token: the one there is was ``refused``, or ends soon."""
        now = self._clock()
        order = RenewSignIn(
            command_id=derived_id("renew-sign-in", record, now.isoformat()),
            record=record,
            refused=refused,
            actor=ACTOR,
        )
        answer = await self._bus.ask(order)
        if isinstance(answer, Refused):
            raise SignInRefused(answer.text)
        return (await self._token(record)).access_token

    async def _token(self, record: str) -> AccessToken:
        return AccessToken.model_validate_json((await self._vault.get(record)).value)
