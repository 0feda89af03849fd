"""Share an account's folders among a few connections, so that servers do not refuse us."""

from collections.abc import Mapping, Sequence


def shares(folders: Sequence[str], most: int) -> list[tuple[str, ...]]:
    """Give each of ``most`` connections its folders; the first of a share is watched by push.

    The INBOX has a connection of its own where there are others. The rest are dealt out in turn, so
    that each connection polls about as many.
    """
    once = inbox_first(dict.fromkeys(folders))
    if most <= 1 or len(once) <= 1:
        return [tuple(once)] if once else []
    others = once[1:]
    count = min(most - 1, len(others))
    return [(once[0],), *(tuple(others[number::count]) for number in range(count))]


def busiest_first(folders: Sequence[str], news: Mapping[str, int]) -> list[str]:
    """Order a connection's folders: the INBOX, then those that had the most news; else as given."""
    ordered = sorted(dict.fromkeys(folders), key=lambda folder: -news.get(folder, 0))
    return inbox_first(ordered)


def inbox_first(folders: "Sequence[str] | dict[str, None]") -> list[str]:
    """Put the INBOX first; its name has no case (RFC 9051 section 5.1)."""
    return sorted(folders, key=lambda folder: folder.upper() != "INBOX")
