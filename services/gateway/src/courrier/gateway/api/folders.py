"""``/folders`` with their counters, and ``/people`` for completing addresses."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, Field, StringConstraints
from starlette.responses import Response

from courrier.gateway.domain.access import may_use_mail, reach
from courrier.gateway.domain.configured import FOLDER, GROUP_FOLDER, OUT_OF_USE, SHOWN_FOLDERS
from courrier.gateway.domain.pasted import MOST_CHARS, split_people
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.domain.settings_access import keys_of
from courrier.gateway.projections import configured, draft_views, email_pages, holdings, people
from courrier.gateway.projections.bounces import bounced_among
from courrier.gateway.projections.draft_views import WRITTEN_HERE
from courrier.mail.headers.addresses import match_key

from .answers import answer, listed
from .caller import CallerDep, GatewayDep
from .freshness import Fresh
from .routing import CourrierRoute
from .shapes import RefShown, Shown, example
from .values import Body, Limit, Words, is_address, storable

router = APIRouter(route_class=CourrierRoute)

INBOX = {"id": "inbox", "name": "inbox", "type": "system", "total": 132, "unread": 7}
PERSON = {
    "type": "contact",
    "id": "c0ffee00c0ffee00c0ffee00c0ffee00",
    "name": "Ada Lovelace",
    "address": "ada@example.org",
    "opted_out": False,
    "invalid": False,
}
SPLIT = {
    "name": "Ada Lovelace",
    "address": "ada@example.org",
    "valid": True,
    "person": {"type": "contact", "id": "c0ffee00c0ffee00c0ffee00c0ffee00", "name": "Ada Lovelace"},
}
MOST_SPLIT = 500
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

    type: str = Field(description="A record's, user, group, or address: only written with before.")
    id: str | None
    name: str | None
    address: str
    opted_out: bool = Field(description="Wants no mass mail; one may write to them all the same.")
    invalid: bool = Field(description="Mail to it came back.")


class PastedBody(Body):
    """A text with addresses, as it was pasted."""

    model_config = example({"text": "Ada Lovelace <ada@example.org>; grace@example.org"})

    text: Annotated[str, StringConstraints(max_length=MOST_CHARS), AfterValidator(storable)]


class SplitShown(Shown):
    """One address of a pasted text, and who is known behind it."""

    name: str | None
    address: str
    valid: bool
    person: RefShown | None


@router.post("/people:split", tags=["people"], responses=listed(SPLIT, SplitShown))
async def split_pasted(body: PastedBody, gateway: GatewayDep, caller: CallerDep) -> Response:
    """The people in a pasted text, each address once; nothing is kept."""
    boxes = split_people(body.text)[:MOST_SPLIT]
    behind = await people.behind(gateway.pool, [box.address for box in boxes], reach(caller.person))
    items = []
    for box in boxes:
        found = behind.get(match_key(box.address))
        person = {"type": found.type, "id": found.id, "name": found.name} if found else None
        shown = {"name": box.name, "address": box.address, "valid": is_address(box.address)}
        items.append(shown | {"person": person})
    return answer({"items": items, "next": None})


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
    """Whoever I know, or have written with, whose name or address has these characters."""
    found = await people.matching(gateway.pool, q, reach(caller.person), limit)
    lost = await bounced_among(gateway.pool, [each.address for each in found])
    items = [
        {
            "type": each.type,
            "id": each.id,
            "name": each.name,
            "address": each.address,
            "opted_out": each.opted_out,
            "invalid": each.invalid or match_key(each.address) in lost,
        }
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
