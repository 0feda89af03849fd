"""Which addresses a person may write from, and by which way out mail from each of them leaves.

Exactly: the addresses on the person's record, those of group accounts of their teams, and those
shared with them. Each needs a way out, and the first of these that there is carries it:

- one's own address: the personal account of this address with an SMTP server; the server of one's
  preferences; the system's account where it is shared;
- a group account's: its own SMTP server; a shared SMTP account of the same address; the system's
  account where it is shared;
- a shared SMTP account's, and the system's where it is shared: itself.

An administrator's personal accounts count as on their record: they may change it anyway.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from courrier.mail.headers.addresses import match_key

from .access import Person
from .refusals import InTheWay, Unfit

WayKind = Literal["personal", "preferences", "group", "shared", "system"]


class NoWayToSend(InTheWay):
    """The person has no address that mail could be sent from."""


class FromNotAllowed(Unfit):
    """The person may not write from this address, or by this account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """An account as far as sending goes.

    ``has_server`` is false for a group account without an SMTP server of its own; ``address`` is
    empty for the server of somebody's preferences. ``is_for_all``: everybody may write from it.
    """

    account_id: str
    kind: WayKind
    address: str = ""
    name: str | None = None
    owner_id: str | None = None
    team_ids: tuple[str, ...] = ()
    is_for_all: bool = False
    has_server: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FromAddress:
    """One address to write from.

    ``account_id`` and ``kind`` are those of the way out; ``of`` is the account whose address it
    is, where that is another one.
    """

    address: str
    name: str
    account_id: str
    kind: WayKind
    of: str | None = None


def from_choices(person: Person, ways: Iterable[WayOut]) -> tuple[FromAddress, ...]:
    """Return every address once: own ones in the record's order, then group, shared, system."""
    known = [way for way in ways if _is_granted(person, way)]
    found: dict[str, FromAddress] = {}
    for choice in (*_own(person, known), *_group(known), *_others(known)):
        found.setdefault(match_key(choice.address), choice)
    return tuple(found.values())


def chosen_from(
    choices: Sequence[FromAddress], *, address: str | None = None, account_id: str | None = None
) -> FromAddress:
    """Return the choice that somebody names, by address, by account, or by both.

    Raises:
        FromNotAllowed: they may not write so.
    """
    fits = choices
    if address is not None:
        fits = [each for each in fits if match_key(each.address) == match_key(address)]
        if not fits:
            text = f"you may not write from {address}: GET /from-addresses lists those you may"
            raise FromNotAllowed(text, pointer="/from")
    if account_id is not None:
        fits = [each for each in fits if account_id in {each.account_id, each.of}]
        if not fits:
            text = "you may not write by this account: GET /from-addresses lists those you may"
            raise FromNotAllowed(text, pointer="/account_id")
    return fits[0]


def usual_from(
    choices: Sequence[FromAddress],
    *,
    received_by: str | None = None,
    received_at: Iterable[str] = (),
    usual_account_id: str | None = None,
) -> FromAddress:
    """Return where a message starts from if nobody says.

    An answer: the account that received the message (``received_by``), else the first of one's
    addresses among those it was written to. Then the account of the preferences, then the first.

    Raises:
        NoWayToSend: there is no address to write from.
    """
    if not choices:
        raise NoWayToSend(
            "you have no address to write from: add an e-mail account with SMTP of an address on "
            "your record, or ask an administrator to share the system's account"
        )
    written_to = [match_key(each) for each in received_at]
    by_address = {match_key(each.address): each for each in choices}
    candidates = (
        _of_account(choices, received_by),
        next((by_address[each] for each in written_to if each in by_address), None),
        _of_account(choices, usual_account_id),
    )
    return next(filter(None, candidates), choices[0])


def _of_account(choices: Sequence[FromAddress], account_id: str | None) -> FromAddress | None:
    if account_id is None:
        return None
    return next((each for each in choices if account_id in {each.account_id, each.of}), None)


def _is_granted(person: Person, way: WayOut) -> bool:
    if way.kind in {"personal", "preferences"}:
        return way.owner_id == person.id
    if way.kind == "group":
        return person.is_admin or not set(way.team_ids).isdisjoint(person.team_ids)
    return way.is_for_all or not set(way.team_ids).isdisjoint(person.team_ids)


def _own(person: Person, ways: Sequence[WayOut]) -> Iterator[FromAddress]:
    personal = {match_key(way.address): way for way in reversed(ways) if way.kind == "personal"}
    added = [way.address for way in ways if way.kind == "personal"] if person.is_admin else []
    common = _first(ways, "preferences") or _system(ways)
    for address in (*person.email_addresses, *added):
        own = personal.get(match_key(address))
        way = own if own and own.has_server else common
        if way is not None:
            yield FromAddress(
                address=address,
                name=person.name,
                account_id=way.account_id,
                kind=way.kind,
                of=own.account_id if own and own is not way else None,
            )


def _group(ways: Sequence[WayOut]) -> Iterator[FromAddress]:
    shared = {match_key(way.address): way for way in reversed(ways) if way.kind == "shared"}
    for own in ways:
        if own.kind != "group":
            continue
        way = own if own.has_server else shared.get(match_key(own.address)) or _system(ways)
        if way is not None:
            yield FromAddress(
                address=own.address,
                name=own.name or "",
                account_id=way.account_id,
                kind=way.kind,
                of=None if way is own else own.account_id,
            )


def _others(ways: Sequence[WayOut]) -> Iterator[FromAddress]:
    for kind in ("shared", "system"):
        for way in ways:
            if way.kind == kind:
                yield FromAddress(
                    address=way.address, name=way.name or "", account_id=way.account_id, kind=kind
                )


def _system(ways: Sequence[WayOut]) -> WayOut | None:
    """Return the system's way out, which everybody's own addresses may leave by."""
    return next((way for way in ways if way.kind == "system" and way.is_for_all), None)


def _first(ways: Sequence[WayOut], kind: WayKind) -> WayOut | None:
    return next((way for way in ways if way.kind == kind), None)
