"""Settings of the fetcher; seen by ``app`` and ``cli`` only."""

from pathlib import Path

from pydantic import Field

from courrier.events.runtime.settings import InfrastructureSettings


class FetcherSettings(InfrastructureSettings):
    """``COURRIER_*`` variables. ``fetcher_poll_s``: seconds between looks without push."""

    fetcher_poll_s: float = Field(default=60.0, gt=0)
    extra_ca_file: Path | None = None
