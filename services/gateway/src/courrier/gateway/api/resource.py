"""The five operations of a thing that is set up: list, create, read, change, remove.

A ``Resource`` says what is special about a kind; access, versions and answers are the same for all.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from pydantic.main import IncEx
from starlette.responses import Response

from courrier.events.base import Value
from courrier.gateway.domain.access import Person
from courrier.gateway.domain.configured import (
    AddItem,
    ChangeItem,
    ItemCommand,
    ItemMissing,
    Kind,
    RemoveItem,
    check_version,
)
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.domain.settings_access import keys_of, may_touch
from courrier.gateway.handlers.configuring import ItemWritten, configure
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import configured
from courrier.gateway.projections.configured import ItemRow

from .answers import Facts, answer, answers, listed, nothing
from .caller import Caller, CallerDep, GatewayDep, cause_of, gateway_of, new_id
from .freshness import Fresh
from .paging import PagingDep, by_place
from .routing import CourrierRoute
from .shapes import Shown
from .values import Body, PathId
from .versions import SeenVersion

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody sets something up: who, under which id, and what the process works with."""

    gateway: Gateway
    person: Person
    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What is special about one kind of thing.

    ``added`` makes the fields of a new one and ``changes`` those that a change sets; both check
    what they name and raise ``Unfit``. ``hidden`` fields are never shown; ``more`` is shown beside
    the fields, in the words of a language.
    """

    path: str
    noun: str
    plural: str
    kind: Kind[Any]
    shown: type[Shown]
    example: Json
    new: type[Body]
    change: type[Body]
    added: Callable[[Wish, Any], Awaitable[Value]]
    changes: Callable[[Wish, Any], Awaitable[Mapping[str, Any]]]
    hidden: IncEx | None = None
    more: Callable[[Any, str], Json] | None = None
    article: str = "a"
    remove: Callable[[Request, Caller, ItemRow[Any]], Awaitable[str | None]] | None = None

    @property
    def one(self) -> str:
        """The noun with its article."""
        return f"{self.article} {self.noun}"

    def json(self, item_id: str, fields: Value, version: int, *, language: str) -> Json:
        """Return the thing as answers show it."""
        shown = fields.model_dump(mode="json", by_alias=True, exclude=self.hidden)
        more = self.more(fields, language) if self.more else {}
        return {"id": item_id, "version": str(version), **shown, **more}


def routes(resource: Resource, *, with_list: bool = True) -> APIRouter:
    """Return the router with the operations of a resource."""
    router = APIRouter(route_class=CourrierRoute, tags=[resource.plural])
    if with_list:
        _add_list(router, resource)
    _add_create(router, resource)
    _add_read(router, resource)
    _add_change(router, resource)
    _add_remove(router, resource)
    return router


def _add_list(router: APIRouter, resource: Resource) -> None:
    async def show_all(gateway: GatewayDep, caller: CallerDep, paging: PagingDep) -> Response:
        rows = await configured.items_for(gateway.pool, resource.kind, keys_of(caller.person))
        language = caller.person.language
        items = [resource.json(row.id, row.fields, row.version, language=language) for row in rows]
        return paging.answer(items, by=by_place)

    router.get(
        resource.path,
        name=f"list_{resource.kind.name}s",
        description=f"The {resource.plural} that I may see, in their order.",
        dependencies=[Fresh],
        responses=listed(resource.example, resource.shown, 400, choose=True),
    )(show_all)


def _add_create(router: APIRouter, resource: Resource) -> None:
    new = resource.new

    async def create(
        body: new,  # type: ignore[valid-type]  # FastAPI reads the model when the route is made
        request: Request,
        gateway: GatewayDep,
        caller: CallerDep,
    ) -> Response:
        item_id = new_id(request, caller, resource.kind.name)
        fields = await resource.added(Wish(gateway, caller.person, item_id), body)
        if not may_touch(caller.person, "edit", fields):
            raise NotAllowed(f"you may not set up such {resource.plural}")
        written = await _order(request, caller, resource, item_id, AddItem(item_id, fields))
        location = f"/api/v1{resource.path}/{item_id}"
        return _shown(resource, (item_id, caller.person.language), written, 201, location)

    router.post(
        resource.path,
        status_code=201,
        name=f"create_{resource.kind.name}",
        description=f"Set up {resource.one}.",
        responses=answers(resource.example, 201, 403, shape=resource.shown),
    )(create)


def _add_read(router: APIRouter, resource: Resource) -> None:
    async def read(item_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
        row = await found(gateway, caller, resource, item_id)
        shown = resource.json(row.id, row.fields, row.version, language=caller.person.language)
        return answer(shown, 200, Facts(version=str(row.version)))

    router.get(
        f"{resource.path}/{{item_id}}",
        name=f"read_{resource.kind.name}",
        description=f"One {resource.noun}.",
        dependencies=[Fresh],
        responses=answers(resource.example, 200, 404, shape=resource.shown),
    )(read)


def _add_change(router: APIRouter, resource: Resource) -> None:
    change = resource.change

    @router.patch(
        f"{resource.path}/{{item_id}}",
        name=f"change_{resource.kind.name}",
        description=f"Change {resource.one}; what is left out stays as it is.",
        responses=answers(resource.example, 200, 403, 404, 412, shape=resource.shown),
    )
    async def alter(  # noqa: PLR0913, PLR0917  what FastAPI hands in
        item_id: PathId,
        body: change,  # type: ignore[valid-type]  # the same
        request: Request,
        gateway: GatewayDep,
        caller: CallerDep,
        seen: SeenVersion,
    ) -> Response:
        await found(gateway, caller, resource, item_id, to_change=True)
        changes = await resource.changes(Wish(gateway, caller.person, item_id), body)
        order = ChangeItem(item_id, changes, seen)
        written = await _order(request, caller, resource, item_id, order)
        return _shown(resource, (item_id, caller.person.language), written)


def _add_remove(router: APIRouter, resource: Resource) -> None:
    async def remove(
        item_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep, seen: SeenVersion
    ) -> Response:
        row = await found(gateway, caller, resource, item_id, to_change=True)
        if resource.remove is not None:
            check_version(row.version, seen)
            return nothing(await resource.remove(request, caller, row))
        written = await _order(request, caller, resource, item_id, RemoveItem(seen))
        return nothing(written.position)

    router.delete(
        f"{resource.path}/{{item_id}}",
        status_code=204,
        name=f"remove_{resource.kind.name}",
        description=f"Remove {resource.one}.",
        responses=answers(None, 204, 403, 404, 412),
    )(remove)


async def found(
    gateway: Gateway, caller: Caller, resource: Resource, item_id: str, *, to_change: bool = False
) -> ItemRow[Any]:
    """Return the thing for somebody who may see it.

    Raises:
        ItemMissing: it is not there, or not for the caller.
        NotAllowed: the caller sees it and may not change it.
    """
    row = await configured.item_by_id(gateway.pool, resource.kind, item_id)
    if row is None or not may_touch(caller.person, "read", row.fields):
        raise ItemMissing(f"there is no such {resource.noun}")
    if to_change and not may_touch(caller.person, "edit", row.fields):
        raise NotAllowed(f"you may not change this {resource.noun}")
    return row


async def _order(
    request: Request, caller: Caller, resource: Resource, item_id: str, order: ItemCommand
) -> ItemWritten:
    store = gateway_of(request).store
    return await configure(store, resource.kind, item_id, order, cause_of(request, caller))


def _shown(
    resource: Resource,
    which: tuple[str, str],
    written: ItemWritten,
    status: int = 200,
    location: str | None = None,
) -> Response:
    if written.fields is None:
        raise ItemMissing(f"there is no such {resource.noun}, or no longer")
    item_id, language = which
    shown = resource.json(item_id, written.fields, written.version, language=language)
    return answer(shown, status, Facts(written.position, str(written.version), location))
