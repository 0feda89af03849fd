"""Share an account's folders among a few connections, so that servers do not refuse us."""

from collections.abc import Sequence

MOST_CONNECTIONS = 3
"""Connections an account; Gmail allows 15, many hosts 10 for all programs of a person."""


def shares(folders: Sequence[str], most: int = MOST_CONNECTIONS) -> list[tuple[str, ...]]:
    """Give each of the first folders a connection of its own, the rest share the last one.

    The first folder of a share is the one that is watched by IDLE; the others are polled.
    """
    once = tuple(dict.fromkeys(folders))
    alone: list[tuple[str, ...]] = [(folder,) for folder in once[: most - 1]]
    rest = once[most - 1 :]
    return [*alone, rest] if rest else alone
