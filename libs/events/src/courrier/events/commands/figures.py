"""What a fetcher tells of an account that it holds at this moment; none of it is on the log.

Asked on ``ping.fetcher-figures.<account>``: only the instance that holds the account answers.
"""

from datetime import timedelta
from typing import Literal

from courrier.events.base import UtcTime, Value

FIGURES_SUBJECT = "ping.fetcher-figures."
FIGURES_TIMEOUT_S = 1.0
SIGN_IN_ENDS_SOON = timedelta(days=14)
"""So long before a provider's permission ends its owner is warned."""

State = Literal["idle", "syncing", "waiting", "failing", "needs_person"]
Push = Literal["untried", "works", "silent", "none"]


class FolderFigures(Value):
    """A folder: ``done`` of ``total`` messages of the synchronisation under way, None without one.

    ``push`` says whether it is watched by IDLE; others are asked by STATUS. ``exists`` is what the
    server said last.
    """

    folder: str
    push: bool = False
    exists: int | None = None
    done: int | None = None
    total: int | None = None
    received: int = 0
    looked_at: UtcTime | None = None


class ErrandFigures(Value):
    """What is to be done on the server: ``waiting`` errands, the oldest asked for at ``since``.

    ``next_try`` is when the first of those that the server refused is tried again, ``text`` what
    it said.
    """

    waiting: int = 0
    since: UtcTime | None = None
    next_try: UtcTime | None = None
    text: str | None = None


class AccountFigures(Value):
    """An account as its holder sees it.

    ``push`` is whether IDLE works: ``untried`` until it has told of something, ``silent`` where
    mail came without a word of it, ``none`` where the server has no IDLE. ``lag_s`` are the
    seconds since the last look at the folder that waits longest; None: one was never looked at.
    ``sign_in_ends_at`` is when the provider wants its owner to sign in anew, where it says so.
    ``errands`` is None where nothing is done on the server.
    """

    account_id: str
    instance: str
    state: State
    push: Push = "untried"
    connections: int = 0
    folders: tuple[FolderFigures, ...] = ()
    last_success: UtcTime | None = None
    error_reason: str | None = None
    error_text: str | None = None
    error_at: UtcTime | None = None
    next_try: UtcTime | None = None
    lag_s: float | None = None
    sign_in_ends_at: UtcTime | None = None
    errands: ErrandFigures | None = None
