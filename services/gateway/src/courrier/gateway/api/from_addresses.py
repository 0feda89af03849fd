"""``/from-addresses``: what I may write from, and how mail from each address leaves."""

from fastapi import APIRouter
from starlette.responses import Response

from courrier.gateway.domain.access import Person
from courrier.gateway.domain.configured import PREFERENCES
from courrier.gateway.domain.from_choice import FromAddress, from_choices, usual_from
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import configured
from courrier.gateway.projections.ways_out import ways_out

from .answers import answer, listed
from .caller import CallerDep, GatewayDep
from .freshness import Fresh
from .resource import Json
from .routing import CourrierRoute
from .shapes import Shown

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])

CHOICE: Json = {
    "address": "grace@example.org",
    "name": "Grace Hopper",
    "account_id": "a1b2c3d4e5f60718293a4b5c6d7e8f90",
    "kind": "personal",
    "received_by": None,
    "is_default": True,
}


class FromAddressShown(Shown):
    """An address to write from.

    ``kind`` is that of the way out: personal, preferences, group, shared or system. ``account_id``
    is the way out; ``received_by`` the account whose address it is, where that is another one.
    """

    address: str
    name: str
    account_id: str
    kind: str
    received_by: str | None
    is_default: bool


@router.get("/from-addresses", dependencies=[Fresh], responses=listed(CHOICE, FromAddressShown))
async def list_from_addresses(gateway: GatewayDep, caller: CallerDep) -> Response:
    """The addresses that I may write from: own ones, those of my groups, shared ones."""
    choices = await choices_of(gateway, caller.person)
    usual = (
        usual_from(choices, usual_account_id=await usual_account(gateway, caller.person))
        if choices
        else None
    )
    items = [_shown(each, is_default=each is usual) for each in choices]
    return answer({"items": items, "next": None})


async def choices_of(gateway: Gateway, person: Person) -> tuple[FromAddress, ...]:
    """Return what the person may write from now."""
    return from_choices(person, await ways_out(gateway.pool, person))


async def usual_account(gateway: Gateway, person: Person) -> str | None:
    """Return the account that the person prefers to write from, if they said so."""
    row = await configured.item_by_id(gateway.pool, PREFERENCES, person.id)
    return row.fields.default_account_id if row else None


def _shown(choice: FromAddress, *, is_default: bool) -> Json:
    return {
        "address": choice.address,
        "name": choice.name,
        "account_id": choice.account_id,
        "kind": choice.kind,
        "received_by": choice.of,
        "is_default": is_default,
    }
