"""``/``: folders with their counters and one folder's e-mails: the left panes of mail pages."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from courrier.gateway.api.email_shapes import emails_json
from courrier.gateway.api.folders import in_use
from courrier.gateway.api.sentences import FOLDERS
from courrier.gateway.api.values import CursorText
from courrier.gateway.domain.access import reach
from courrier.gateway.domain.configured import SHOWN_FOLDERS
from courrier.gateway.domain.cursors import PAGE, Place, parse_cursor
from courrier.gateway.projections import email_accounts, email_pages, holdings, readable_emails
from courrier.gateway.projections.email_pages import EVERYWHERE

from .page_route import PageRoute
from .rendering import page
from .visitor import Visitor, visitor_of

router = APIRouter(route_class=PageRoute)

VisitorDep = Annotated[Visitor, Depends(visitor_of)]
FolderName = Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
START = "inbox"
ALWAYS = ("inbox", "sent", "archive")
"""Folders that are shown even when nothing is in them."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which part of a person's mail the list shows."""

    folder: str = START
    cursor: str | None = None

    def link(self, path: str, **more: str) -> str:
        """Return an address that keeps the list as it is."""
        query = {"folder": self.folder} if self.folder != START else {}
        query |= {"cursor": self.cursor} if self.cursor else {}
        query |= more
        return f"{path}?{urlencode(query)}" if query else path


def shelf_of(folder: FolderName = START, cursor: CursorText = None) -> Shelf:
    """Return what the address asks for."""
    return Shelf(folder, cursor)


ShelfDep = Annotated[Shelf, Depends(shelf_of)]


@router.get("/")
async def inbox(visitor: VisitorDep, shelf: ShelfDep) -> Response:
    """The folders and the e-mails of one, newest first."""
    values = await left_panes(visitor, shelf)
    has_mailbox = bool(values["rows"]) or bool(
        await email_accounts.accounts_of(visitor.gateway.pool, visitor.person.id)
    )
    return page(visitor.words, "mail.html", values | {"talk": None, "has_mailbox": has_mailbox})


async def left_panes(visitor: Visitor, shelf: Shelf, current: str | None = None) -> dict[str, Any]:
    """Return what folders and list show; ``current`` is the e-mail that is open."""
    pool, person = visitor.gateway.pool, visitor.person
    place = Place(parse_cursor(shelf.cursor), PAGE + 1)
    counters, found = await asyncio.gather(
        holdings.counters_of(pool, reach(person)),
        email_pages.in_folder(pool, reach(person), shelf.folder, place),
    )
    ids = [each.id for each in found[:PAGE]]
    views = await readable_emails.readable_emails(pool, ids, person, with_text=False)
    rows = await emails_json(visitor.gateway, person, views)
    older = found[PAGE - 1].text() if len(found) > PAGE else None
    return {
        "viewer": visitor,
        "shelf": shelf,
        "folders": folders(counters, visitor),
        "folder_name": visitor.words.text(FOLDERS.get(shelf.folder, shelf.folder)),
        "unread": counters.get(shelf.folder, (0, 0))[1],
        "rows": rows,
        "current": current,
        "newest": shelf.cursor is None,
        "older": Shelf(shelf.folder, older).link("/") if older else None,
    }


def folders(counters: Mapping[str, tuple[int, int]], visitor: Visitor) -> list[dict[str, Any]]:
    """Return the folders in the order in which people look for them."""
    own = sorted(name for name in counters if name not in SHOWN_FOLDERS)
    totals = dict(counters)
    totals[EVERYWHERE] = in_use(counters)
    return [
        {
            "id": name,
            "name": visitor.words.text(FOLDERS.get(name, name)),
            "total": totals.get(name, (0, 0))[0],
            "unread": totals.get(name, (0, 0))[1],
            "link": Shelf(name).link("/"),
        }
        for name in (*SHOWN_FOLDERS, *own, EVERYWHERE)
        if name in totals or name in ALWAYS
    ]
