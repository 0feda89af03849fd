"""Where the infrastructure is: the ``COURRIER_*`` variables that all services share.

Only ``app.py`` and ``cli.py`` of a service see settings; everything below takes plain values.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class InfrastructureSettings(BaseSettings):
    """Settings of one process. Variables are upper case, prefix ``COURRIER_``.

    ``master_key`` is 32 random bytes in base64 and seals the vault. ``health_port`` 0 means no
    health endpoint. ``groups`` cut the partitions of a stream: one instance works on each; all
    instances of a service have the same number. ``database_url`` is the service's own role and
    schema.
    """

    model_config = SettingsConfigDict(env_prefix="COURRIER_", frozen=True, extra="ignore")

    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str | None = None
    nats_password: SecretStr | None = None
    database_url: SecretStr | None = None
    master_key: SecretStr | None = None
    replicas: int = 1
    groups: int = Field(default=1, ge=1, le=64)
    health_host: str = "127.0.0.1"
    health_port: int = 0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"


def environment_file(user: str) -> Path | None:
    """Return the settings file that a running ``courrier up`` keeps for one user, if there is one.

    A command in a second shell reads ``<COURRIER_DATA_DIR or .courrier>/environment/<user>.env``
    (``KEY=value`` lines, mode 0600); variables of its own environment win.
    """
    data_dir = Path(os.environ.get("COURRIER_DATA_DIR", ".courrier"))
    path = data_dir / "environment" / f"{user}.env"
    return path if path.is_file() else None


def infrastructure_settings(user: str) -> InfrastructureSettings:
    """Return the settings for a command that runs as ``user`` beside a running system."""
    return InfrastructureSettings(_env_file=environment_file(user))
