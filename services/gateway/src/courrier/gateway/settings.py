"""The gateway's ``COURRIER_*`` variables, seen by ``app.py`` and ``cli`` only."""

from pydantic import Field, SecretStr

from courrier.events.runtime.settings import InfrastructureSettings, environment_file

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
    gateway_password_memory_kib: int = Field(default=65_536, ge=1024)
    url: str | None = None
    token: SecretStr | None = None


def gateway_settings() -> GatewaySettings:
    """Return the settings of this process.

    Variables of the environment win; a command in a second shell finds the others in the file
    that ``courrier up`` keeps for the gateway.
    """
    return GatewaySettings(_env_file=environment_file(USER))
