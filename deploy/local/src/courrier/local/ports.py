"""Free TCP ports of the loopback interface, the same ones again after a restart if still free."""

import contextlib
import socket

HOST = "127.0.0.1"
CONNECT_TIMEOUT_S = 0.2


def free_port() -> int:
    """Return a port that nobody listens on; the kernel avoids giving it out again soon."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


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
