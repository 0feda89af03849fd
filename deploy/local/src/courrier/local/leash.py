"""A child started through this file dies with its parent, even when the parent is killed -9.

Run as a script, before the real program: ``python -I -S leash.py PARENT SIGNAL PROGRAM ARG…``.
The wish outlives ``execvp`` (prctl(2), PR_SET_PDEATHSIG), but not a change of credentials: a
launcher that changes the user must come before this one. "Parent" is the parent's *thread* that
started the child: start children from a thread that stays. Only Linux knows all this; elsewhere
the next ``courrier up`` ends what was left behind.
"""

import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel for SIGNAL at the parent's death, then become PROGRAM."""
    parent, signal_number, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if sys.platform == "linux":
        _follow(parent, signal_number)
    os.execvp(program[0], program)  # noqa: S606 - our own argument list, no shell


def _follow(parent: int, signal_number: int) -> None:
    import ctypes  # noqa: PLC0415 - costs 10 ms, and only Linux needs it

    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        sys.exit("the parent was gone before the leash was on")


if __name__ == "__main__":
    main()
