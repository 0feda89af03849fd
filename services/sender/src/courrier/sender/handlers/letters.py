"""All that a dialogue needs, gathered before its intent is recorded.

So nothing can fail between the intent and DATA but the dialogue itself.
"""

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import TypeVar

from courrier.events.blobs import BlobMissing, Blobs
from courrier.events.bus import NoAnswer
from courrier.events.families.outbound import SECRET_MARK, SendRequested
from courrier.events.vault import SecretMissing, Vault
from courrier.mail.writing.field_writing import wire_address
from courrier.sender.domain.account import Account
from courrier.sender.domain.states import Queued, waiting_recipients
from courrier.sender.handlers.log_in_secrets import LogInSecrets, SignInRefused
from courrier.sender.handlers.signing import KeyUnusable, Signing
from courrier.sender.ports import Accounts, Letter

T = TypeVar("T")


class NotNow(Exception):
    """Something the message needs cannot be had at this moment; the text says what."""


class CannotSend(Exception):
    """Something the message needs is gone; the text tells a person what to do."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Where what a dialogue needs is found."""

    blobs: Blobs
    vault: Vault
    accounts: Accounts
    secrets: LogInSecrets
    signing: Signing

    async def of(self, state: Queued) -> Letter:
        """Return the letter to those who wait.

        Raises:
            CannotSend: it can never be sent.
            NotNow: the provider's sign-in cannot be renewed, or no key signs, at the moment.
            StoreUnavailable: a store cannot be read now.
        """
        said = state.message
        account = await self.accounts.get(said.account_id)
        if account is None or account.smtp is None:
            raise CannotSend(
                "The account this was sent from has no outgoing server any more: "
                "send it again from another account."
            )
        back = said.sent_from.address if said.return_path is None else said.return_path
        return Letter(
            account_id=said.account_id,
            server=account.smtp,
            secret=await self._secret(account),
            mail_from=wire_address(back) if back else "",
            recipients=waiting_recipients(state),
            raw=await self._raw(said),
            envelope_id=said.email_id,
            wants_receipt=said.wants_receipt,
        )

    async def _raw(self, said: SendRequested) -> bytes:
        try:
            raw = await self.blobs.get(said.raw.digest)
        except BlobMissing as error:
            raise CannotSend(
                "The stored message is gone: it was erased, or the store lost it. Write it again."
            ) from error
        whole = await self._with_secret(raw, said.secret)
        try:
            return await self.signing.signed(whole, said.sent_from.address)
        except KeyUnusable as error:
            raise NotNow(str(error)) from error

    async def _with_secret(self, raw: bytes, name: str | None) -> bytes:
        """Put the secret of a notice where its mark stands: only the server sees both."""
        if name is None:
            return raw
        try:
            secret = (await self.vault.get(name)).value
        except SecretMissing as error:
            raise CannotSend("What this notice was to tell is not known any more.") from error
        return raw.replace(SECRET_MARK.encode(), secret)

    async def with_new_token(self, letter: Letter) -> Letter:
        """Return the letter with another access token: the server did not accept the one it has.

        Raises:
            CannotSend: only a new sign-in helps.
            NotNow: it cannot be renewed at the moment.
        """
        record = letter.server.secret or ""
        return replace(letter, secret=await self._asked(self.secrets.renewed(record)))

    async def _secret(self, account: Account) -> str | None:
        if account.smtp is None:
            return None
        return await self._asked(self.secrets.of(account.smtp))

    async def _asked(self, secret: Awaitable[T]) -> T:
        try:
            return await secret
        except SecretMissing as error:
            raise CannotSend(
                "The password of the outgoing server is not stored: "
                "enter it in the account's settings and send the message again."
            ) from error
        except SignInRefused as error:
            raise CannotSend(str(error)) from error
        except NoAnswer as error:
            raise NotNow("The sign-in with the provider could not be renewed just now.") from error
