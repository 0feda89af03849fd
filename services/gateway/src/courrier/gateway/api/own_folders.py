"""``/folders`` of one's own and ``/group-folders``: where mail is filed."""

from typing import Annotated, Any

from fastapi import Request
from pydantic import Field

from courrier.events.base import Value
from courrier.events.families.configuration import FolderFields, GroupFolderFields
from courrier.gateway.domain.configured import FILTER, FOLDER, GROUP_FOLDER
from courrier.gateway.handlers.filing import Filing, remove_folder
from courrier.gateway.handlers.teams import check_teams
from courrier.gateway.projections import configured, email_accounts
from courrier.gateway.projections.configured import ItemRow

from .caller import Caller, cause_of, gateway_of
from .resource import Json, Resource, Wish, routes
from .shapes import Shown, example
from .values import Body, IdText, Line

Name = Annotated[Line, Field(min_length=1, max_length=64)]
Order = Annotated[int, Field(ge=0, le=100_000)]
TeamIds = Annotated[tuple[IdText, ...], Field(max_length=200)]

NEW_FOLDER: Json = {"name": "Orders", "order": 1, "skip_notification": False}
FOLDER_ID = "1f0e2d3c4b5a69788796a5b4c3d2e1f0"
A_FOLDER: Json = {"id": FOLDER_ID, "version": "1", **NEW_FOLDER}
NEW_GROUP_FOLDER: Json = {"name": "Support", "order": 1, "team_ids": []}
A_GROUP_FOLDER: Json = {"id": FOLDER_ID, "version": "1", **NEW_GROUP_FOLDER}


class FolderShown(Shown):
    """A folder of one's own."""

    id: str
    version: str
    name: str
    order: int
    skip_notification: bool


class FolderBody(Body):
    """A folder of one's own; ``skip_notification`` keeps its mail quiet."""

    model_config = example(NEW_FOLDER)

    name: Name
    order: Order = 0
    skip_notification: bool = False


class FolderChange(Body):
    """What to change about a folder."""

    model_config = example({"name": "Invoices"})

    name: Name = ""
    order: Order = 0
    skip_notification: bool = False


class GroupFolderShown(Shown):
    """A folder that the members of its teams share."""

    id: str
    version: str
    name: str
    order: int
    team_ids: list[str]


class GroupFolderBody(Body):
    """A folder that the members of these teams share."""

    model_config = example(NEW_GROUP_FOLDER)

    name: Name
    order: Order = 0
    team_ids: TeamIds = ()


class GroupFolderChange(Body):
    """What to change about a shared folder."""

    model_config = example({"name": "Support 1st level"})

    name: Name = ""
    order: Order = 0
    team_ids: TeamIds = ()


async def _new_folder(wish: Wish, body: FolderBody) -> Value:
    return FolderFields(owner_id=wish.person.id, **body.model_dump())


async def _changes(wish: Wish, body: Body) -> dict[str, Any]:
    named = {name: getattr(body, name) for name in body.model_fields_set}
    await check_teams(wish.gateway.store, named.get("team_ids", ()))
    return named


async def _new_group_folder(wish: Wish, body: GroupFolderBody) -> Value:
    await check_teams(wish.gateway.store, body.team_ids)
    return GroupFolderFields(**body.model_dump())


async def _remove_folder(request: Request, caller: Caller, row: ItemRow[Any]) -> str | None:
    gateway, cause = gateway_of(request), cause_of(request, caller)
    kind = FOLDER if isinstance(row.fields, FolderFields) else GROUP_FOLDER
    rows = await configured.items_naming(gateway.pool, FILTER, "folder_id", row.id)
    accounts = await email_accounts.accounts_filing_into(gateway.pool, row.id)
    filing = Filing(tuple(each.id for each in rows), tuple(accounts))
    return await remove_folder(gateway.store, kind, row.id, filing, cause)


folders = routes(
    Resource(
        path="/folders",
        noun="folder",
        plural="folders",
        kind=FOLDER,
        shown=FolderShown,
        example=A_FOLDER,
        new=FolderBody,
        change=FolderChange,
        added=_new_folder,
        changes=_changes,
        hidden={"owner_id"},
        remove=_remove_folder,
    ),
    with_list=False,
)
group_folders = routes(
    Resource(
        path="/group-folders",
        noun="group folder",
        plural="group folders",
        kind=GROUP_FOLDER,
        shown=GroupFolderShown,
        example=A_GROUP_FOLDER,
        new=GroupFolderBody,
        change=GroupFolderChange,
        added=_new_group_folder,
        changes=_changes,
        remove=_remove_folder,
    )
)
