"""``redeem-sign-in``, ``renew-sign-in`` and ``end-sign-in``: tokens come, and go."""

import base64
import binascii

import structlog

from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.mailboxes import EndSignIn, RedeemSignIn, RenewSignIn
from courrier.events.vault import BadMasterKey, Vault
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.handlers.secrets import AccountSecrets

log = structlog.get_logger(__name__)


class SigningIn:
    """Keeps what people allowed us."""

    def __init__(self, vault: Vault, secrets: AccountSecrets) -> None:
        self._vault = vault
        self._secrets = secrets

    async def redeem(self, command: RedeemSignIn) -> Answer:
        """Exchange the code; a repeat is refused by the provider, which takes a code once."""
        try:
            sealed = base64.b64decode(command.sealed_code, validate=True)
            opened = self._vault.open(command.sealed_name, sealed).decode()
        except (BadMasterKey, binascii.Error, UnicodeDecodeError):
            return Refused(reason="malformed", text="The code was not sealed for this order.")
        code, _, verifier = opened.partition(" ")
        form = {"code": code, "code_verifier": verifier, "redirect_uri": command.redirect_uri}
        try:
            await self._secrets.redeem(command.account_id, command.provider, form)
        except CannotFetch as failure:
            return Refused(reason=failure.problem, text=failure.text)
        log.info("sign_in.kept", account=command.account_id, provider=command.provider.name)
        return Done()

    async def renew(self, command: RenewSignIn) -> Answer:
        """Have a fresh token in the vault for whoever else shows it to a server."""
        try:
            await self._secrets.renew(command.record, refused=command.refused)
        except CannotFetch as failure:
            return Refused(reason=failure.problem, text=failure.text)
        return Done()

    async def end(self, command: EndSignIn) -> Answer:
        """Forget the tokens; a provider that cannot be told is named."""
        try:
            await self._secrets.end(command.account_id)
        except CannotFetch as failure:
            return Refused(reason=failure.problem, text=failure.text)
        return Done()
