"""PostgreSQL refuses to run as root, so root runs it as somebody else without adding a user.

First choice is a user namespace in which our root is shown as an ordinary user: the files stay
root's and the programs may lie under ``/root``. Where namespaces are forbidden (containers),
``setpriv`` really changes to that user, who is then given the files.
"""

import functools
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from .launch import StartFailed

PROBE_TIMEOUT_S = 10.0
TRAVERSABLE = 0o011
ORPHAN = "--pdeathsig=INT"  # PostgreSQL stops the fast way


def prefix_for(*paths: Path) -> tuple[str, ...]:
    """Return what to put before a command so that it does not run as root; empty if we are not.

    ``paths`` are files and directories it must be able to write; a missing one is created by the
    command in its parent directory.

    Raises:
        StartFailed: we are root and neither way is open.
    """
    if os.geteuid() != 0:
        return ()
    somebody = _somebody()
    mapped = (
        "unshare",
        "--user",
        f"--map-user={somebody.pw_uid}",
        f"--map-group={somebody.pw_gid}",
    )
    if _works(mapped):
        return mapped
    changed = (
        "setpriv",
        ORPHAN,
        f"--reuid={somebody.pw_uid}",
        f"--regid={somebody.pw_gid}",
        "--clear-groups",
    )
    if not _works(changed):
        raise StartFailed("PostgreSQL must not run as root, and neither unshare nor setpriv works")
    for path in paths:
        _give(path, somebody)
    return changed


def has_own_leash(prefix: tuple[str, ...]) -> bool:
    """Return whether this prefix already ties the child to its parent's life.

    After ``setpriv`` the leash's own program may not be readable any more (a Python under
    ``/root``), and before it the leash would be lost with the change of user.
    """
    return ORPHAN in prefix


def _somebody() -> pwd.struct_passwd:
    """An ordinary user that exists: PostgreSQL looks its own user up by number."""
    others = [user for user in pwd.getpwall() if user.pw_uid != 0]
    if not others:
        raise StartFailed("PostgreSQL must not run as root, and this machine has no other user")
    return next((user for user in others if user.pw_name == "nobody"), others[0])


@functools.cache
def _works(prefix: tuple[str, ...]) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    command = [*prefix, "true"]
    done = subprocess.run(  # noqa: S603 - our own argument list, no shell
        command, capture_output=True, timeout=PROBE_TIMEOUT_S, check=False
    )
    return done.returncode == 0


def _give(path: Path, somebody: pwd.struct_passwd) -> None:
    # Ours is the directory around it; what is in there has modes of its own.
    path.parent.chmod(path.parent.stat().st_mode | TRAVERSABLE)
    if not path.exists():
        path.mkdir(mode=0o700)
    for item in (path, *path.rglob("*")):
        os.chown(item, somebody.pw_uid, somebody.pw_gid, follow_symlinks=False)
