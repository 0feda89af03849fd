"""Free TCP ports of the loopback interface, the same ones again after a restart if still free."""

import contextlib
import secrets
import socket
from collections.abc import Callable, Iterable, Mapping

from .processes import listener_of
from .refusal import Refused

HOST = "127.0.0.1"
CONNECT_TIMEOUT_S = 0.2
RANGE = range(15_000, 32_000)
MAX_TRIES = 1000


def free_port() -> int:
    """Return a port that nobody listens on.

    It lies below the range from which the kernel takes ports of outgoing connections, so that a
    connection of any program cannot take it between two starts.
    """
    tries = (secrets.choice(RANGE) for _ in range(MAX_TRIES))
    return next(port for port in tries if is_free(port))


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of the loopback interface now.

    Connections of an earlier server that are still closing (TIME_WAIT) do not count.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def accepts(port: int) -> bool:
    """Return whether something accepts connections on this port."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), CONNECT_TIMEOUT_S):
        return True
    return False


def choose(
    names: Iterable[str], remembered: Mapping[str, int], *, free: Callable[[int], bool] = is_free
) -> dict[str, int]:
    """Return a free port for each name, the remembered one if it is free."""
    chosen: dict[str, int] = {}
    for name in names:
        before = remembered.get(name, 0)
        usable = before > 0 and before not in chosen.values() and free(before)
        fresh = (port for port in iter(free_port, 0) if port not in chosen.values())
        chosen[name] = before if usable else next(fresh)
    return chosen


def require_free(port: int) -> None:
    """Return if the port chosen by a person is free.

    Raises:
        Refused: it is not; the line says who has it, where the machine tells.
    """
    if is_free(port):
        return
    who = listener_of(port)
    by = f" by {who}" if who else ""
    raise Refused(f"port {port} is in use{by}: stop it, or choose another with COURRIER_PORT")
