"""What a reader is warned of: a sender who looks like somebody they know, and is not."""

from typing import Any

from courrier.events.base import Mailbox
from courrier.gateway.domain.access import Person, reach
from courrier.gateway.domain.look_alikes import look_alikes
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import familiar
from courrier.gateway.projections.email_views import EmailView

TEXTS = {
    "en": {
        "name": "{of} is a name you know, but {value} is none of their addresses.",
        "domain": "{value} looks like {of}, which you know, but it is another domain.",
    },
    "fr": {
        "name": "Vous connaissez {of}, mais {value} ne fait pas partie de ses adresses.",
        "domain": "{value} ressemble à {of}, que vous connaissez, mais c'est un autre domaine.",
    },
}


async def warnings_json(gateway: Gateway, view: EmailView, person: Person) -> list[dict[str, Any]]:
    """Return the warnings of one e-mail that was received, in the reader's language."""
    box = view.sent_from
    if view.draft is not None or view.delivery is not None or not box or not box["address"]:
        return []
    sender = Mailbox(name=box["name"], address=box["address"])
    if await familiar.is_known(gateway.pool, sender.address):
        return []
    known = await familiar.known_like(gateway.pool, sender.name, sender.address, reach(person))
    texts = TEXTS.get(person.language, TEXTS["en"])
    return [
        {
            "kind": each.kind,
            "of": each.of,
            "text": texts[each.kind].format(value=each.value, of=each.of),
        }
        for each in look_alikes(sender, known)
    ]
