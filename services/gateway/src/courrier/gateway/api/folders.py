"""``/folders`` with their counters, and ``/people`` for completing addresses."""

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from courrier.gateway.domain.access import may_use_mail, reach
from courrier.gateway.domain.configured import FOLDER, GROUP_FOLDER, OUT_OF_USE, SHOWN_FOLDERS
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.domain.settings_access import keys_of
from courrier.gateway.projections import configured, draft_views, email_pages, holdings, people
from courrier.gateway.projections.draft_views import WRITTEN_HERE

from .answers import answer, listed
from .caller import CallerDep, GatewayDep
from .freshness import Fresh
from .routing import CourrierRoute
from .shapes import Shown
from .values import Limit, Words

router = APIRouter(route_class=CourrierRoute)

INBOX = {"id": "inbox", "name": "inbox", "type": "system", "total": 132, "unread": 7}
PERSON = {
    "type": "contact",
    "id": "c0ffee00c0ffee00c0ffee00c0ffee00",
    "name": "Ada Lovelace",
    "address": "ada@example.org",
}
COMPLETIONS = 20
BEFORE_WRITTEN = SHOWN_FOLDERS.index("sent") + 1
"""Drafts stand after what was sent."""


class CountedFolderShown(Shown):
    """A folder and its counters; ``type`` is system, own or group."""

    id: str
    name: str
    type: str
    total: int
    unread: int


class CompletionShown(Shown):
    """Somebody with an address."""

    type: str
    id: str
    name: str | None
    address: str


@router.get(
    "/folders",
    tags=["folders"],
    dependencies=[Fresh],
    responses=listed(INBOX, CountedFolderShown, 403),
)
async def list_folders(gateway: GatewayDep, caller: CallerDep) -> Response:
    """My folders with how many e-mails they hold and how many of those I have not read."""
    if not may_use_mail(caller.person):
        raise NotAllowed("you have no right to e-mails")
    counters = await holdings.counters_of(gateway.pool, reach(caller.person))
    keys = keys_of(caller.person)
    own = await configured.items_for(gateway.pool, FOLDER, keys)
    shared = await configured.items_for(gateway.pool, GROUP_FOLDER, keys)
    named = [(name, name, "system") for name in SHOWN_FOLDERS]
    named += [(row.id, row.fields.name, "own") for row in own]
    named += [(row.id, row.fields.name, "group") for row in shared]
    items = [_folder(*each, counters.get(each[0], (0, 0))) for each in named]
    unsent = await draft_views.counts(gateway.pool, caller.person)
    written = [_folder(name, name, "system", (unsent[name], 0)) for name in WRITTEN_HERE]
    items[BEFORE_WRITTEN:BEFORE_WRITTEN] = written
    items.append(_folder("all", "all", "system", in_use(counters)))
    return answer({"items": items, "next": None})


@router.get(
    "/people",
    tags=["people"],
    dependencies=[Fresh],
    responses=listed(PERSON, CompletionShown),
)
async def list_people(
    gateway: GatewayDep, caller: CallerDep, q: Words, limit: Limit = COMPLETIONS
) -> Response:
    """Whoever I know with these characters in name or address, for completing recipients."""
    found = await people.matching(gateway.pool, q, reach(caller.person), limit)
    items = [
        {"type": each.type, "id": each.id, "name": each.name, "address": each.address}
        for each in found
    ]
    return answer({"items": items, "next": None})


def in_use(counters: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Return total and unread of a person's mail but Trash and Junk; each e-mail counts once."""
    counted = [
        each for name, each in counters.items() if name not in {*OUT_OF_USE, email_pages.MARKED}
    ]
    return sum(total for total, _ in counted), sum(unread for _, unread in counted)


def _folder(folder_id: str, name: str, kind: str, counted: tuple[int, int]) -> dict[str, object]:
    total, unread = counted
    return {"id": folder_id, "name": name, "type": kind, "total": total, "unread": unread}
