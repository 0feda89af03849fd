"""What an e-mail's facts set, aspect by aspect, and which fact sets an aspect back.

An aspect is named by what it is and whose: ``("read", "user:ann")``. What has no owner concerns
everybody: ``("links", "")``. A new kind of fact becomes undoable by a case in ``touched`` and one
in ``restoring``.
"""

from collections.abc import Mapping, Sequence

from courrier.events.base import Evidence
from courrier.events.families.conversation import EmailRethreaded
from courrier.events.families.email import (
    EmailEvent,
    EmailImported,
    EmailLinked,
    EmailMarkedRead,
    EmailMarkedUnread,
    EmailShared,
)
from courrier.events.families.email_state import EmailMarkedImportant, EmailMarkedUnimportant
from courrier.linker.domain.copies import marked_important, marked_read, person_key
from courrier.linker.domain.filing import holder_key
from courrier.linker.domain.hand_links import Links
from courrier.linker.domain.places import Moved, Place, Whose, after, move
from courrier.linker.domain.rethreading import Threaded, back

READ = "read"
IMPORTANT = "important"
PLACE = "place"
THREAD = ("thread", "")
"""The conversation of an e-mail is everybody's."""
LINKS = ("links", "")
"""The links of an e-mail are everybody's."""

Aspect = tuple[str, ...]
Values = Mapping[Aspect, object]


def owner_of(aspect: Aspect) -> str:
    """Return the holder whose aspect it is; empty for what concerns everybody."""
    return aspect[1]


def value_of(values: Values, aspect: Aspect) -> object:
    """Return what an aspect is; whoever has no copy of their own sees that of a team."""
    if aspect in values:
        return values[aspect]
    teams = sorted(key for key in values if key[0] == aspect[0] and key[1].startswith("group:"))
    return values[teams[0]] if teams else None


def touched(event: EmailEvent, values: Values) -> dict[Aspect, object]:  # noqa: PLR0911  one a kind
    """Return the aspects that a fact sets, and what they are after it."""
    match event:
        case EmailImported() | EmailShared():
            return _held(event, values)
        case EmailMarkedRead() | EmailMarkedUnread():
            return {(READ, person_key(event.person_id)): isinstance(event, EmailMarkedRead)}
        case EmailMarkedImportant() | EmailMarkedUnimportant():
            is_important = isinstance(event, EmailMarkedImportant)
            return {(IMPORTANT, person_key(event.person_id)): is_important}
        case EmailRethreaded():
            return {THREAD: Threaded(event.thread_id, event.apart)}
        case EmailLinked():
            return {LINKS: Links(event.email_id, event.links, event.by)}
        case _ if isinstance(event, Moved):
            aspect = (PLACE, person_key(event.person_id))
            now = value_of(values, aspect)
            return {aspect: after(now if isinstance(now, Place) else None, event)}
        case _:
            return {}


def restoring(
    email_id: str, aspect: Aspect, *, now: object, then: object, reason: Evidence
) -> Sequence[EmailEvent]:
    """Return the facts that make an aspect what it was; none where there is no way back."""
    whose = Whose(email_id, owner_of(aspect).partition(":")[2], reason)
    match aspect[0], now, then:
        case ("read", _, bool()):
            return [marked_read(whose, is_read=then)]
        case ("important", _, bool()):
            return [marked_important(whose, is_important=then)]
        case ("place", Place(), Place()):
            return move(whose, now, then)
        case ("thread", Threaded(), Threaded()):
            return [back(email_id, now, then, reason)]
        case ("links", Links(), Links()):
            return [_linked(email_id, now, then, reason)]
        case _:
            return []


def _linked(email_id: str, now: Links, then: Links, reason: Evidence) -> EmailLinked:
    """Return the links of before; what a machine did and a person undid no machine does again."""
    by = then.by if now.by == "person" else "person"
    return EmailLinked.model_validate(
        {"email_id": email_id, "links": then.links, "by": by, "because": reason}
    )


def _held(event: EmailImported | EmailShared, values: Values) -> dict[Aspect, object]:
    found: dict[Aspect, object] = {}
    if isinstance(event, EmailImported):
        found[LINKS] = Links(event.email_id, event.links)
        found[THREAD] = Threaded(event.thread_id)
    for each in event.holdings:
        key = holder_key(each)
        if (PLACE, key) not in values:
            found[READ, key] = each.is_read
            found[IMPORTANT, key] = each.is_important
            found[PLACE, key] = Place(each.folder)
    return found
