"""``/filters/suggestions``: filters that a person's own moves speak for; they never act alone."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from courrier.events.families.configuration import FilterFields
from courrier.gateway.domain.configured import FILTER, FOLDER
from courrier.gateway.domain.past_mail import wanted
from courrier.gateway.domain.settings_access import keys_of
from courrier.gateway.domain.suggesting import WITHIN, Suggestion, criteria, suggestions
from courrier.gateway.projections import configured, moves, past_mail, readable_emails

from .answers import answers, listed, nothing
from .caller import Caller, CallerDep, GatewayDep
from .email_forms import EmailShown
from .email_shapes import EMAIL, emails_json
from .filters_over_past import EXAMPLES
from .freshness import Fresh
from .paging import PagingDep
from .routing import CourrierRoute
from .shapes import Shown
from .values import PathId

router = APIRouter(route_class=CourrierRoute, tags=["filters"])

Json = dict[str, Any]

REASONS = {
    "en": "You moved {moves} e-mails {of} to “{folder}” within two weeks.",
    "fr": "Vous avez classé {moves} e-mails {of} dans « {folder} » en deux semaines.",
}
OF = {
    "en": {"list": "of the list {0}", "sender": "from {0}", "domain": "from people at {0}"},
    "fr": {"list": "de la liste {0}", "sender": "de {0}", "domain": "de personnes de {0}"},
}
A_SUGGESTION: Json = {
    "id": "c0ffee00c0ffee00c0ffee00c0ffee00",
    "reason": "You moved 3 e-mails from billing@example.org to “Invoices” within two weeks.",
    "filter": {
        "name": "Invoices: billing@example.org",
        "scope": "user",
        "from": "billing@example.org",
        "action": "move",
        "folder_id": "9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b",
    },
    "count": 12,
    "examples": [EMAIL],
}


class SuggestionShown(Shown):
    """A filter that could be wanted: `filter` is what `POST /filters` takes."""

    id: str
    reason: str
    filter: dict[str, str]
    count: int = Field(description="E-mails in use that it would move now.")
    examples: list[EmailShown] = Field(description=f"At most {EXAMPLES} of them, newest first.")


@router.get(
    "/filters/suggestions",
    dependencies=[Fresh],
    responses=listed(A_SUGGESTION, SuggestionShown, 400, choose=True),
)
async def list_filter_suggestions(
    gateway: GatewayDep, caller: CallerDep, paging: PagingDep
) -> Response:
    """Filters that three like moves of mine within 14 days speak for, each with its dry run."""
    keys = keys_of(caller.person)
    rows = await configured.items_for(gateway.pool, FOLDER, keys)
    folders = {row.id: row.fields.name for row in rows}
    mine = await configured.items_for(gateway.pool, FILTER, keys)
    moved = await moves.moved_by_hand(gateway.pool, caller.person.id, folders, WITHIN)
    unwanted = await moves.dismissed(gateway.pool, caller.person.id)
    found = suggestions(moved, [row.fields for row in mine], unwanted)
    items = [await _shown(gateway, caller, each, folders[each.folder_id]) for each in found]
    return paging.answer(items, by=lambda item: str(item["filter"]["name"]))


@router.delete(
    "/filters/suggestions/{suggestion_id}", status_code=204, responses=answers(None, 204)
)
async def dismiss_filter_suggestion(
    suggestion_id: PathId, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Not this one: it is not suggested to me again."""
    await moves.dismiss(gateway.pool, caller.person.id, suggestion_id)
    return nothing(None)


async def _shown(gateway: GatewayDep, caller: Caller, each: Suggestion, folder: str) -> Json:
    person = caller.person
    suggested = {
        "name": f"{folder}: {each.value}"[:150],
        "scope": "user",
        **criteria(each),
        "action": "move",
        "folder_id": each.folder_id,
    }
    asked = wanted(FilterFields.model_validate({"owner_id": person.id} | suggested))
    count, ids = (
        await past_mail.tell(gateway.pool, asked, person.id, EXAMPLES) if asked else (0, [])
    )
    views = await readable_emails.readable_emails(gateway.pool, ids, person, with_text=False)
    language = person.language if person.language in REASONS else "en"
    of = OF[language][each.by].format(each.value)
    return {
        "id": each.id,
        "reason": REASONS[language].format(moves=each.moves, of=of, folder=folder),
        "filter": suggested,
        "count": count,
        "examples": await emails_json(gateway, person, views),
    }
