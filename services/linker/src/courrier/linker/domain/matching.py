"""Which records a message concerns, and by what it is known.

The thread's record comes first; then the first address with a record counts, looked for in From,
Reply-To, To and Cc. Our own people's addresses lead nowhere, so that sent mail finds its
recipient. A contact stands for its account where customers are companies: the account is the
parent and the contact is linked beside it. Where customers are persons the contact is the parent.
"""

from courrier.events.base import Evidence, RecordRef
from courrier.events.families.email import Link
from courrier.linker.domain.arrivals import Arrival, Party
from courrier.linker.domain.known import Known, Owner

_ORDER = {"contact": 0, "account": 1, "lead": 2}
"""Whom an address means when several records have it; the others come after, then by id."""


def links_of(
    arrival: Arrival, thread_id: str, known: Known, *, contact_is_parent: bool
) -> tuple[Link, ...]:
    """Return the parent first, then what is linked beside it; empty if nothing is known."""
    by_address = _by_address(arrival, known, contact_is_parent=contact_is_parent)
    parent = known.thread_parents.get(thread_id)
    if parent is None:
        return by_address
    reason = Evidence(rule="thread-parent", field="thread_id", value=thread_id)
    beside = (
        Link(record=link.record, reason=link.reason)
        for link in by_address
        if link.record != parent and link.record.type != "account"
    )
    return (Link(record=parent, parent=True, reason=reason), *beside)


def _by_address(arrival: Arrival, known: Known, *, contact_is_parent: bool) -> tuple[Link, ...]:
    for party in arrival.parties:
        owners = () if party.address in known.people else known.owners.get(party.address, ())
        if owners:
            return _links(party, owners, contact_is_parent=contact_is_parent)
    return ()


def _links(party: Party, owners: tuple[Owner, ...], *, contact_is_parent: bool) -> tuple[Link, ...]:
    owner = min(owners, key=_rank)
    record = owner.record
    reason = _reason(f"{record.type}-address", party, len(owners))
    if record.type != "contact" or owner.account_id is None:
        return (Link(record=record, parent=True, reason=reason),)
    account = RecordRef(type="account", id=owner.account_id)
    of_contact = _reason("account-of-contact", party, len(owners))
    links = (
        Link(record=account, parent=not contact_is_parent, reason=of_contact),
        Link(record=record, parent=contact_is_parent, reason=reason),
    )
    return links[::-1] if contact_is_parent else links


def _rank(owner: Owner) -> tuple[int, str, str]:
    record = owner.record
    return (_ORDER.get(record.type, len(_ORDER)), record.type, record.id)


def _reason(rule: str, party: Party, candidates: int) -> Evidence:
    """Say so when the address meant several records and their order decided."""
    name = rule if candidates == 1 else f"{rule}-of-several"
    return Evidence(rule=name, field=party.field, value=party.address)
