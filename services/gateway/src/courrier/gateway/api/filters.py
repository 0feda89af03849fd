"""``/filters``: rules on arriving mail, for everybody, a person, an account or a group."""

from typing import Annotated, Any

from pydantic import Field

from courrier.events.families.configuration import FilterAction, FilterFields, FilterScope
from courrier.gateway.domain.account_words import why_paused
from courrier.gateway.domain.configured import FILTER, FOLDER, GROUP_FOLDER
from courrier.gateway.domain.filter import check_filter
from courrier.gateway.domain.refusals import NotAllowed, Unfit
from courrier.gateway.projections import configured, email_accounts

from .own_folders import FOLDER_ID, Name, Order
from .resource import Json, Resource, Wish, routes
from .shapes import Shown, example
from .values import Body, IdText, Line

Words = Annotated[tuple[Annotated[Line, Field(min_length=1)], ...], Field(max_length=50)]

NEW_FILTER: Json = {
    "name": "Newsletters",
    "scope": "user",
    "from": "*@news.example.org",
    "action": "move",
    "folder_id": FOLDER_ID,
    "mark_read": True,
}
A_FILTER: Json = {
    "id": "3c2b1a0f9e8d7c6b5a49382716050403",
    "version": "1",
    "owner_id": "b3f0c1d2e4a5968778695a4b3c2d1e0f",
    **FilterFields.model_validate(NEW_FILTER).model_dump(by_alias=True, exclude={"owner_id"}),
    "body_contains": [],
    "body_contains_all": [],
    "warning": None,
}


class FilterCriteria(Body):
    """What all filters have, and may change."""

    from_: Annotated[Line | None, Field(alias="from")] = None
    to: Line | None = None
    subject: Line | None = None
    body_contains: Words = ()
    body_contains_all: Words = ()
    has_attachment: bool | None = None
    list_id: Line | None = None
    size_over: Annotated[int | None, Field(ge=1, le=2**40)] = None
    action: FilterAction = "none"
    folder_id: IdText | None = None
    mark_read: bool = False
    important: bool = False
    skip_notification: bool = False
    order: Order = 0
    active: bool = True
    recovery_delay_s: Annotated[
        int,
        Field(
            ge=0,
            le=30 * 86_400,
            description="How long what this filter keeps out can be taken back; then it is gone.",
        ),
    ] = 3600


class FilterBody(FilterCriteria):
    """A rule on arriving mail: all criteria that are set must match; with none it never does."""

    model_config = example(NEW_FILTER)

    name: Name
    scope: FilterScope = "user"
    account_id: IdText | None = None


class FilterChange(FilterCriteria):
    """What to change about a filter; its scope and account stay."""

    model_config = example({"action": "skip"})

    name: Name = ""


class FilterShown(Shown):
    """A rule on arriving mail."""

    id: str
    version: str
    name: str
    scope: str
    owner_id: str | None
    account_id: str | None
    from_: str | None = Field(alias="from")
    to: str | None
    subject: str | None
    body_contains: list[str]
    body_contains_all: list[str]
    has_attachment: bool | None
    list_id: str | None
    size_over: int | None
    action: str
    folder_id: str | None
    mark_read: bool
    important: bool
    skip_notification: bool
    order: int
    active: bool
    recovery_delay_s: int
    paused_reason: str | None = Field(description="Why it rests, where nobody wanted that.")
    warning: str | None = Field(description="The same for people, in the caller's language.")


async def new_filter(wish: Wish, body: FilterBody) -> FilterFields:
    """Return a filter as somebody wants it, checked.

    Raises:
        NotAllowed: it is for an account of somebody else's.
        Unfit: it could do nothing, or names what is not there.
    """
    owner_id = await _filters_owner(wish, body)
    fields = FilterFields(owner_id=owner_id, **body.model_dump())
    await _check_filter(wish, fields)
    return fields


async def _filter_changes(wish: Wish, body: FilterChange) -> dict[str, Any]:
    named = {name: getattr(body, name) for name in body.model_fields_set}
    if "active" in named:
        named["paused_reason"] = None
    row = await configured.item_by_id(wish.gateway.pool, FILTER, wish.item_id)
    if row is not None:
        await _check_filter(wish, row.fields.model_copy(update=named))
    return named


async def _filters_owner(wish: Wish, body: FilterBody) -> str | None:
    """A personal account's filter belongs to the account's owner; a group's to administrators."""
    if body.scope == "user":
        return wish.person.id
    if body.scope == "global":
        return None
    row = await email_accounts.account_by_id(wish.gateway.pool, body.account_id or "")
    if row is None or row.is_group != (body.scope == "group"):
        raise Unfit("there is no such account for a filter of this scope", pointer="/account_id")
    if body.scope == "group":
        return None
    if row.owner_id != wish.person.id:
        raise NotAllowed("only its owner sets up filters for an account", pointer="/account_id")
    return row.owner_id


async def _check_filter(wish: Wish, fields: FilterFields) -> None:
    check_filter(fields)
    if fields.folder_id is None or (fields.folder_id == "junk" and fields.action == "move"):
        return
    if fields.action == "group_move":
        group = await configured.item_by_id(wish.gateway.pool, GROUP_FOLDER, fields.folder_id)
        if group is None:
            raise Unfit("there is no such group folder", pointer="/folder_id")
        return
    own = await configured.item_by_id(wish.gateway.pool, FOLDER, fields.folder_id)
    if own is None or own.fields.owner_id != fields.owner_id:
        raise Unfit("there is no such folder of yours", pointer="/folder_id")


def _warning(fields: FilterFields, language: str) -> Json:
    return {"warning": why_paused(fields.paused_reason, language)}


FILTERS = Resource(
    path="/filters",
    noun="filter",
    plural="filters",
    kind=FILTER,
    shown=FilterShown,
    example=A_FILTER,
    new=FilterBody,
    change=FilterChange,
    added=new_filter,
    changes=_filter_changes,
    more=_warning,
)

filters = routes(FILTERS)
