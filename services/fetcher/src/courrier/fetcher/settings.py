"""Settings of the fetcher; seen by ``app`` and ``cli`` only."""

from pathlib import Path

from pydantic import Field

from courrier.events.runtime.settings import InfrastructureSettings


class FetcherSettings(InfrastructureSettings):
    """``COURRIER_*`` variables.

    ``fetcher_poll_s``: seconds between looks without push; unless set, as the system settings say.
    ``fetcher_status_s``: seconds between looks at folders beside one that is pushed.
    ``fetcher_connections``: connections an account; Gmail allows 15, many hosts 10 for all programs
    of a person. ``fetcher_host_connections`` and ``fetcher_host_log_ins_per_s``: what one server is
    asked to bear. ``fetcher_private_servers``: whether mail servers may be at private and loopback
    addresses.
    """

    fetcher_poll_s: float | None = Field(default=None, gt=0)
    fetcher_status_s: float = Field(default=30.0, gt=0)
    fetcher_connections: int = Field(default=3, ge=1, le=20)
    fetcher_host_connections: int = Field(default=4000, ge=1)
    fetcher_host_log_ins_per_s: float = Field(default=25.0, gt=0)
    fetcher_private_servers: bool = True
    extra_ca_file: Path | None = None
