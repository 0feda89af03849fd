"""Which folders of a server are compared, and what a message's place there means in Courrier."""

from collections.abc import Sequence

from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.folders import Folder, find, special_use
from courrier.fetcher.domain.marks import Tracked

MOST_TRACKED = 30
"""Folders of an account that are compared."""

PLACES = {"\\Archive": "archive", "\\Trash": "trash", "\\Junk": "junk"}
"""Folders by SPECIAL-USE (RFC 6154) and what they are called in Courrier."""
INBOX = "inbox"


def tracked_folders(account: Account, listing: Sequence[Folder]) -> list[Tracked]:
    """Return the folders to compare: those that are fetched, those mapped, Archive, Trash, Junk."""
    mapped = dict(account.state.folder_map)
    fetched = [folder for name in account.folders if (folder := find(name, listing))]
    others = [folder for name in (*mapped, *PLACES) if (folder := find(name, listing))]
    found = {folder.name: folder for folder in (*fetched, *others) if folder.is_selectable}
    names = {folder.name for folder in fetched}
    places = {name: filed_as(folder, listing, mapped) for name, folder in found.items()}
    told = tuple(sorted({place for place in places.values() if place}))
    return [
        Tracked(account.account_id, name, place, is_fetched=name in names, places=told)
        for name, place in list(places.items())[:MOST_TRACKED]
    ]


def filed_as(folder: Folder, listing: Sequence[Folder], mapped: dict[str, str]) -> str | None:
    """Return where the account's owner finds a message of this folder; None: it says nothing."""
    if folder.name in mapped:
        return mapped[folder.name]
    if folder.name.upper() == "INBOX":
        return INBOX
    return PLACES.get(special_use(folder, listing) or "")


def place_of(wanted: str, tracked: Sequence[Tracked]) -> Tracked | None:
    """Return the server's folder for what a person calls ``wanted``, or None."""
    return next((one for one in tracked if one.filed_as == wanted), None)
