"""Ports stay the same between starts, unless somebody else has taken them."""

import socket

import pytest

from courrier.local.ports import choose, free_port, is_free, require_free
from courrier.local.refusal import Refused


def test_a_remembered_port_is_used_again() -> None:
    """Bookmarks and open mail programs keep working."""
    assert choose(["nats"], {"nats": 4001}, free=lambda _: True) == {"nats": 4001}


def test_a_taken_port_is_replaced() -> None:
    """Another program may have started first."""
    chosen = choose(["nats"], {"nats": 4001}, free=lambda _: False)

    assert chosen["nats"] != 4001


def test_two_names_never_share_a_port() -> None:
    """Also when the file of remembered ports says so."""
    chosen = choose(["a", "b"], {"a": 4001, "b": 4001}, free=lambda _: True)

    assert len(set(chosen.values())) == 2


def test_a_busy_port_is_refused_by_number() -> None:
    """The line says which port, who has it if the machine tells, and how to choose another."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = int(holder.getsockname()[1])

        with pytest.raises(Refused, match=rf"port {port} is in use.*COURRIER_PORT"):
            require_free(port)
    assert is_free(port)


def test_a_free_port_is_free() -> None:
    """What is picked can be listened on."""
    assert is_free(free_port())
