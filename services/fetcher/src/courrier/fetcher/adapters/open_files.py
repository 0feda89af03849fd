"""How many connections the operating system lets this process have: a file each."""

import resource

import structlog

FEW = 4096
"""Fewer than this are not enough for a thousand mailboxes of a few connections each."""

log = structlog.get_logger(__name__)


def allow_all() -> int:
    """Raise the soft limit on open files to the hard one; return it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if 0 <= hard < FEW:
        log.warning("files.few", limit=hard, do="raise the hard limit (LimitNOFILE, ulimit -Hn)")
    return hard
