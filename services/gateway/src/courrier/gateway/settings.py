"""The gateway's ``COURRIER_*`` variables, seen by ``app.py`` and ``cli`` only."""

from typing import Literal

from pydantic import Field, SecretStr

from courrier.events.runtime.process import MissingSetting
from courrier.events.runtime.settings import InfrastructureSettings, environment_file
from courrier.gateway.domain.oidc import Endpoints, OidcClient, is_safe
from courrier.gateway.ports import Limits

USER = "gateway"


class GatewaySettings(InfrastructureSettings):
    """Own variables are ``COURRIER_GATEWAY_…``.

    ``gateway_admin_login`` and ``gateway_admin_password`` make the first administrator, once.
    ``gateway_message_bytes`` bounds a message handed in, ``gateway_secure_cookies`` is for a
    gateway that browsers reach by HTTPS. ``gateway_blob_grace_days`` is how long bytes to which
    nobody refers are kept: for less than two days they could be those of a message on its way.
    ``gateway_requests_per_minute`` is what one person may ask of one process, 0 for any number;
    the default stops a program that runs wild and nobody else. Administrators import and parse as
    fast as the machine can unless ``gateway_admin_requests_per_minute`` is set.
    ``gateway_password_memory_kib`` is what a guess at a password costs (argon2id): lower it only
    where a machine has no 64 MiB to spare for a log-in.
    ``gateway_webhook_private_addresses`` lets webhooks call servers of the company's own network.
    ``gateway_oidc_…`` let people in by a company's own log-in (docs/operating.md); off without an
    issuer. The three addresses are for a provider without a discovery document.
    ``url`` and ``token`` (``COURRIER_URL``, ``COURRIER_TOKEN``) are for commands that ask a gateway
    somewhere else; beside a running one they find both by themselves.
    """

    gateway_host: str = "127.0.0.1"
    gateway_port: int = Field(default=8000, ge=0, le=65535)
    gateway_admin_login: str | None = None
    gateway_admin_password: SecretStr | None = None
    gateway_admin_email: str | None = None
    gateway_message_bytes: int = 50 * 1024 * 1024
    gateway_readers: int = Field(default=2, ge=1, le=32)
    gateway_secure_cookies: bool = False
    gateway_blob_grace_days: float = Field(default=7.0, ge=2.0)
    gateway_requests_per_minute: int = Field(default=30_000, ge=0)
    gateway_admin_requests_per_minute: int = Field(default=0, ge=0)
    gateway_webhook_private_addresses: bool = False
    gateway_password_memory_kib: int = Field(default=65_536, ge=1024)
    gateway_oidc_issuer: str | None = None
    gateway_oidc_client_id: str | None = None
    gateway_oidc_client_secret: SecretStr | None = None
    gateway_oidc_name: str = "OpenID"
    gateway_oidc_match: Literal["email", "sub"] = "email"
    gateway_oidc_authorization_url: str | None = None
    gateway_oidc_token_url: str | None = None
    gateway_oidc_keys_url: str | None = None
    url: str | None = None
    token: SecretStr | None = None


def gateway_settings() -> GatewaySettings:
    """Return the settings of this process.

    Variables of the environment win; a command in a second shell finds the others in the file
    that ``courrier up`` keeps for the gateway.
    """
    return GatewaySettings(_env_file=environment_file(USER))


def limits_of(settings: GatewaySettings) -> Limits:
    """Return what clients may send."""
    return Limits(
        message_bytes=settings.gateway_message_bytes,
        requests=settings.gateway_requests_per_minute,
        admin_requests=settings.gateway_admin_requests_per_minute,
    )


def oidc_client(settings: GatewaySettings) -> OidcClient | None:
    """Return what an OpenID Connect provider knows us as; None where there is none.

    Raises:
        MissingSetting: no client id, or addresses that are no https.
    """
    if settings.gateway_oidc_issuer is None:
        return None
    addresses = (
        settings.gateway_oidc_authorization_url,
        settings.gateway_oidc_token_url,
        settings.gateway_oidc_keys_url,
    )
    given = [each for each in addresses if each]
    if not settings.gateway_oidc_client_id or len(given) not in {0, len(addresses)}:
        raise MissingSetting(
            "COURRIER_GATEWAY_OIDC_ISSUER needs …_OIDC_CLIENT_ID, and all three of "
            "…_OIDC_AUTHORIZATION_URL, …_TOKEN_URL and …_KEYS_URL or none"
        )
    if not all(map(is_safe, (settings.gateway_oidc_issuer, *given))):
        raise MissingSetting("the addresses of COURRIER_GATEWAY_OIDC_… have to be https")
    secret = settings.gateway_oidc_client_secret
    return OidcClient(
        issuer=settings.gateway_oidc_issuer,
        client_id=settings.gateway_oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        name=settings.gateway_oidc_name,
        match=settings.gateway_oidc_match,
        endpoints=Endpoints(*given) if given else None,
    )
