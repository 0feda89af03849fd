"""The sender's settings: the shared ``COURRIER_*`` variables and ``COURRIER_SENDER_*``."""

from pathlib import Path

from pydantic import Field

from courrier.events.runtime.settings import InfrastructureSettings


class SenderSettings(InfrastructureSettings):
    """Settings of one sender process; seen by ``app.py`` and ``cli.py`` only.

    ``extra_ca_file`` is a PEM file trusted beside the system's CAs. ``sender_hello`` is our name
    in EHLO; without it the machine's own. ``…_per_minute`` are messages, 0 as many as there are;
    a domain is a recipient's. Retries double from the first wait to the longest and end after
    ``sender_give_up_hours``. Time-outs are seconds, by RFC 5321 section 4.5.3.2.
    """

    extra_ca_file: Path | None = None
    sender_hello: str | None = None
    sender_connections: int = 20
    sender_connections_per_account: int = 2
    sender_connections_per_domain: int = 10
    sender_account_per_minute: int = 300
    sender_domain_per_minute: int = 600
    sender_first_retry_s: float = 1800.0
    sender_longest_retry_s: float = 14400.0
    sender_give_up_hours: float = 96.0
    sender_dkim: dict[str, list[str]] = Field(default_factory=dict)
    sender_stop_grace_s: float = 2.0
    sender_reply_timeout_s: float = 300.0
    sender_data_timeout_s: float = 120.0
    sender_block_timeout_s: float = 180.0
    sender_final_timeout_s: float = 600.0
