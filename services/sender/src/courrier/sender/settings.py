"""The sender's settings: the shared ``COURRIER_*`` variables and ``COURRIER_SENDER_*``."""

from pathlib import Path

from courrier.events.runtime.settings import InfrastructureSettings


class SenderSettings(InfrastructureSettings):
    """Settings of one sender process; seen by ``app.py`` and ``cli.py`` only.

    ``extra_ca_file`` is a PEM file trusted beside the system's CAs. ``sender_hello`` is our name
    in EHLO; without it the machine's own. Time-outs are seconds, by RFC 5321 section 4.5.3.2.
    """

    extra_ca_file: Path | None = None
    sender_hello: str | None = None
    sender_connections: int = 10
    sender_connections_per_account: int = 2
    sender_stop_grace_s: float = 2.0
    sender_reply_timeout_s: float = 300.0
    sender_data_timeout_s: float = 120.0
    sender_block_timeout_s: float = 180.0
    sender_final_timeout_s: float = 600.0
