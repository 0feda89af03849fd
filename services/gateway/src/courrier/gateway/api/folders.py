"""``/folders`` with their counters, and ``/people`` for completing addresses."""

from fastapi import APIRouter
from starlette.responses import Response

from courrier.gateway.domain.access import reach
from courrier.gateway.projections import holdings, people

from .answers import answer, listed
from .caller import CallerDep, GatewayDep
from .freshness import Fresh
from .routing import CourrierRoute
from .shapes import Shown
from .values import Limit, Words

router = APIRouter(route_class=CourrierRoute)

SYSTEM_FOLDERS = ("inbox", "sent", "archive", "trash")
FOLDER = {"id": "inbox", "name": "inbox", "type": "system", "total": 132, "unread": 7}
PERSON = {
    "type": "contact",
    "id": "c0ffee00c0ffee00c0ffee00c0ffee00",
    "name": "Ada Lovelace",
    "address": "ada@example.org",
}
COMPLETIONS = 20


class FolderShown(Shown):
    """A folder and its counters."""

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
    responses=listed(FOLDER, FolderShown),
)
async def list_folders(gateway: GatewayDep, caller: CallerDep) -> Response:
    """My folders with how many e-mails they hold and how many of those I have not read."""
    counters = await holdings.counters_of(gateway.pool, caller.person.id)
    names = [*SYSTEM_FOLDERS, *(name for name in counters if name not in SYSTEM_FOLDERS)]
    items = [_folder(name, *counters.get(name, (0, 0))) for name in names]
    whole = [sum(column) for column in zip(*counters.values(), strict=True)] or [0, 0]
    return answer({"items": [*items, _folder("all", *whole)], "next": None})


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


def _folder(name: str, total: int, unread: int) -> dict[str, object]:
    kind = "system" if name in (*SYSTEM_FOLDERS, "all") else "own"
    return {"id": name, "name": name, "type": kind, "total": total, "unread": unread}
