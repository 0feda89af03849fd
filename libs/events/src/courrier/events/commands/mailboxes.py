"""Orders to the fetcher to try a mailbox, and to keep a sign-in with its provider."""

from typing import ClassVar, Literal
from uuid import UUID

from courrier.events.base import Command, UtcTime, Value
from courrier.events.families.settings import OAuthProvider, Server

Step = Literal["name", "connect", "tls", "greeting", "log-in", "folder", "sender", "done"]


class InspectMailbox(Command):
    """Connect, log in and look at the folders, as an account set up like this would.

    ``sealed_secret`` is the password in base64, sealed for the name that ``sealed_name`` gives, so
    that it is in clear nowhere but in the two services; without it the record ``server.secret`` of
    the vault is used.
    """

    SERVICE: ClassVar[str] = "fetcher"
    NAME: ClassVar[str] = "inspect-mailbox"
    ANSWER_WITHIN_S: ClassVar[float] = 10.0

    command_id: UUID
    server: Server
    folders: tuple[str, ...] = ()
    sealed_secret: str | None = None
    actor: str

    @property
    def sealed_name(self) -> str:
        """The name that the secret is sealed for: it opens for this order only."""
        return f"inspect.{self.command_id}"


class InspectOutgoing(Command):
    """Connect to an SMTP server, log in, and ask whether it takes mail from ``address``.

    No message is sent. Secrets are as in ``InspectMailbox``; a server without user needs none.
    """

    SERVICE: ClassVar[str] = "sender"
    NAME: ClassVar[str] = "inspect-outgoing"
    ANSWER_WITHIN_S: ClassVar[float] = 10.0

    command_id: UUID
    server: Server
    address: str
    sealed_secret: str | None = None
    actor: str

    @property
    def sealed_name(self) -> str:
        """The name that the secret is sealed for: it opens for this order only."""
        return f"inspect.{self.command_id}"


class FolderSeen(Value):
    """A folder of the server; ``special_use`` as RFC 6154 writes it, guessed from usual names."""

    name: str
    special_use: str | None = None
    selectable: bool = True


class CertificateSeen(Value):
    """The certificate that a server showed; ``sha256`` in hex is what an account may trust."""

    sha256: str
    subject: str
    issuer: str
    not_before: UtcTime
    not_after: UtcTime


class MailboxSeen(Value):
    """What was found: ``problem`` is None where all works, ``step`` how far it went.

    ``texts`` say it in plain words by language. ``certificate`` is told where it is the problem.
    """

    outcome: Literal["inspected"] = "inspected"
    step: Step
    problem: str | None = None
    texts: dict[str, str]
    folders: tuple[FolderSeen, ...] = ()
    capabilities: tuple[str, ...] = ()
    certificate: CertificateSeen | None = None


class RedeemSignIn(Command):
    """Exchange an authorisation code for tokens, and keep them for the account.

    ``sealed_code`` holds ``code verifier`` (RFC 7636) in base64, sealed for ``sealed_name``.
    """

    SERVICE: ClassVar[str] = "fetcher"
    NAME: ClassVar[str] = "redeem-sign-in"
    ANSWER_WITHIN_S: ClassVar[float] = 10.0

    command_id: UUID
    account_id: str
    provider: OAuthProvider
    redirect_uri: str
    sealed_code: str
    actor: str

    @property
    def sealed_name(self) -> str:
        """The name that the code is sealed for: it opens for this order only."""
        return f"redeem.{self.command_id}"


class EndSignIn(Command):
    """Tell the provider that our permission ends, where it can be told, and forget the tokens."""

    SERVICE: ClassVar[str] = "fetcher"
    NAME: ClassVar[str] = "end-sign-in"
    ANSWER_WITHIN_S: ClassVar[float] = 10.0

    command_id: UUID
    account_id: str
    actor: str


class RenewSignIn(Command):
    """Have a fresh access token in the vault record ``record``; the sender asks, to log in by SMTP.

    ``refused``: the server did not accept the one that is there, though its time is not over.
    """

    SERVICE: ClassVar[str] = "fetcher"
    NAME: ClassVar[str] = "renew-sign-in"
    ANSWER_WITHIN_S: ClassVar[float] = 10.0

    command_id: UUID
    record: str
    refused: bool = False
    actor: str


class AccessToken(Value):
    """What of a sign-in's record in the vault a server is shown; the fetcher keeps the record."""

    access_token: str = ""
    access_ends_at: UtcTime
    ended: bool = False


def tokens_of(account_id: str) -> str:
    """Return the name of the vault record that holds an account's tokens."""
    return f"oauth.{account_id}"
