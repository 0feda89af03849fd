"""``/tokens``: API tokens of one's own, and whose they are."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from courrier.gateway.adapters.secrets import token_seed
from courrier.gateway.handlers.people import NewToken, issue_token, revoke_token
from courrier.gateway.projections import tokens

from .answers import Facts, answer, answers, listed, nothing
from .caller import CallerDep, GatewayDep, cause_of, key_of
from .freshness import Fresh
from .paging import PagingDep
from .people import registry_of
from .problems import Problem
from .routing import CourrierRoute
from .shapes import Moment, Shown, example
from .values import Body, Line, PathId

router = APIRouter(route_class=CourrierRoute, tags=["tokens"])

TOKEN: dict[str, Any] = {
    "id": "7a0d5c3f1e2b4a6980716253443526af",
    "name": "laptop",
    "scopes": [],
    "issued_at": "2026-03-02T12:00:00Z",
    "expires_at": None,
    "last_used_at": None,
}
NEW_TOKEN: dict[str, Any] = {"id": TOKEN["id"], "token": "courrier_" + "0f" * 32}


class TokenShown(Shown):
    """A token that is still good, without its text."""

    id: str
    name: str
    scopes: list[str]
    issued_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None = Field(description="To the minute.")


class NewTokenShown(Shown):
    """A token's text, shown this once."""

    id: str
    token: str


Scope = Literal["read", "write", "stream", "admin"]


class TokenBody(Body):
    """An API token; no scopes means all, no expiry means never."""

    model_config = example({"name": "laptop", "scopes": ["read", "write"]})

    name: Line = "token"
    scopes: Annotated[
        tuple[Literal["read", "write", "stream", "admin"], ...], Field(max_length=4)
    ] = ()
    expires_at: AwareDatetime | None = None


@router.get(
    "/tokens",
    dependencies=[Fresh],
    responses=listed(TOKEN, TokenShown, 400, choose=True),
)
async def list_tokens(gateway: GatewayDep, caller: CallerDep, paging: PagingDep) -> Response:
    """My tokens that are still good, without their text."""
    rows = await tokens.tokens_of(gateway.pool, caller.person.id)
    items = [
        {
            "id": row.id,
            "name": row.name,
            "scopes": list(row.scopes),
            "issued_at": row.issued_at,
            "expires_at": row.expires_at,
            "last_used_at": row.last_used_at,
        }
        for row in rows
    ]
    return paging.answer(items, by=lambda item: item["issued_at"].isoformat(), newest_first=True)


@router.post(
    "/tokens",
    status_code=201,
    responses=answers(NEW_TOKEN, 201, shape=NewTokenShown),
)
async def create_token(
    body: TokenBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Issue a token for myself; its text is shown once. A token cannot give more than it has."""
    if caller.scopes and not (body.scopes and set(body.scopes) <= set(caller.scopes)):
        raise Problem(403, "a token cannot issue one with more scopes than its own")
    seed = await token_seed(gateway.vault, caller.person.id, key_of(request))
    _check_expiry(body.expires_at)
    order = NewToken(name=body.name, scopes=body.scopes, expires_at=body.expires_at, seed=seed)
    cause = cause_of(request, caller)
    issued = await issue_token(registry_of(gateway), caller.person.id, order, cause)
    return answer(
        {"id": issued.token_id, "token": issued.text}, 201, Facts(issued.position, is_secret=True)
    )


@router.delete("/tokens/{token_id}", status_code=204, responses=answers(None, 204, 404))
async def delete_token(
    token_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Revoke one of my tokens."""
    cause = cause_of(request, caller)
    position = await revoke_token(registry_of(gateway), caller.person.id, token_id, cause)
    return nothing(position)


def _check_expiry(moment: datetime | None) -> None:
    if moment is not None and not 2020 <= moment.year <= 9000:
        raise Problem(422, errors=[{"pointer": "/expires_at", "detail": "no sensible year"}])
