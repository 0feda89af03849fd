"""What an account logs in with."""

from courrier.events.families.settings import Server
from courrier.events.vault import BadMasterKey, SecretMissing, Vault
from courrier.fetcher.domain.failures import CannotFetch


class AccountSecrets:
    """Passwords of the vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def of(self, server: Server) -> str:
        """Return the password of the account that has this server.

        Raises:
            CannotFetch: there is none, or it cannot be read.
            StoreUnavailable: the vault cannot be reached.
        """
        try:
            secret = await self._vault.get(server.secret or "")
        except (SecretMissing, BadMasterKey) as error:
            raise CannotFetch(
                "log-in-refused", "No password is stored for this account: enter it again."
            ) from error
        return secret.value.decode()
