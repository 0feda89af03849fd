"""Which folder of a server is meant, and what it is for.

SPECIAL-USE attributes (RFC 6154) are compared without regard to case: Cyrus writes them in lower
case. Servers without them are asked by the names that mail programs give.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SPECIAL_USES = ("\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash")

_CANONICAL = {use.lower(): use for use in SPECIAL_USES}

_USUAL_NAMES = {
    "sent": "\\Sent",
    "sent items": "\\Sent",
    "sent mail": "\\Sent",
    "sent messages": "\\Sent",
    "drafts": "\\Drafts",
    "draft": "\\Drafts",
    "trash": "\\Trash",
    "deleted items": "\\Trash",
    "deleted messages": "\\Trash",
    "junk": "\\Junk",
    "spam": "\\Junk",
    "junk e-mail": "\\Junk",
    "archive": "\\Archive",
}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as the server lists it: ``name`` decoded, ``attributes`` as written."""

    name: str
    attributes: tuple[str, ...] = ()
    separator: str | None = None

    @property
    def is_selectable(self) -> bool:
        """Whether it can hold messages (RFC 9051 section 7.3.1)."""
        lowered = {attribute.lower() for attribute in self.attributes}
        return not lowered & {"\\noselect", "\\nonexistent"}


def special_use(folder: Folder, listing: Sequence[Folder]) -> str | None:
    """Return what the folder is for, in the RFC's spelling, or None.

    Usual names count only where no folder of the listing has an attribute.
    """
    found = _declared(folder)
    if found or any(_declared(other) for other in listing):
        return found
    last = folder.name.rsplit(folder.separator, 1)[-1] if folder.separator else folder.name
    return _USUAL_NAMES.get(last.lower())


def find(wanted: str, listing: Sequence[Folder]) -> Folder | None:
    """Return the folder of this name, or of this SPECIAL-USE when it begins with a backslash."""
    if wanted.startswith("\\"):
        uses = ((folder, special_use(folder, listing)) for folder in listing)
        return next((f for f, use in uses if use and use.lower() == wanted.lower()), None)
    if wanted.upper() == "INBOX":  # its name has no case (RFC 9051 section 5.1)
        inbox = (folder for folder in listing if folder.name.upper() == "INBOX")
        return next(inbox, Folder("INBOX"))
    return next((folder for folder in listing if folder.name == wanted), None)


def _declared(folder: Folder) -> str | None:
    uses = (_CANONICAL.get(attribute.lower()) for attribute in folder.attributes)
    return next((use for use in uses if use), None)
