"""Who holds a message and in which folder.

Of a person's account its owner, of a group account its teams; in the inbox, in Sent or in Junk.
"""

from functools import lru_cache

from courrier.events.base import Evidence
from courrier.events.families.email import Holding
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.outbound import MessageSent
from courrier.linker.domain.arrivals import Arrival
from courrier.linker.domain.fitting import shown
from courrier.linker.domain.junk import JUNK, junk_reason
from courrier.linker.domain.known import GroupAccount, Known
from courrier.linker.domain.places import ARCHIVE, INBOX
from courrier.mail.headers.origin import Stamp, Verdict, verdict_of

SENT = "sent"
MACHINE = "system"
"""The author of what nobody wrote: answers by machine, notices."""

_SEEN = "\\seen"  # RFC 9051 section 2.3.2, compared without case
_SENT_USE = "sent"  # RFC 6154 section 2, without its backslash


def holder_key(holding: Holding) -> str:
    """Return ``user:<id>`` or ``group:<id>``: a holder within one e-mail."""
    return f"{holding.holder_type}:{holding.holder_id}"


def holdings_of(arrival: Arrival, known: Known) -> tuple[Holding, ...]:
    """Return who has the message; empty when nobody is known to own its account."""
    message = arrival.message
    if isinstance(message, MessageSent):
        group = known.groups.get(message.account_id) if message.author_id == MACHINE else None
        return _by_machine(message, group, known) if group else (_by_author(message),)
    if message.holder_id:
        return (_by_hand(message, message.holder_id),)
    if group := known.groups.get(message.account_id):
        return _of_group(arrival, message, group, known)
    owner = known.account_owners.get(message.account_id)
    return (_of_account(arrival, message, owner, known),) if owner else ()


def _by_author(message: MessageSent) -> Holding:
    return Holding(
        holder_id=message.author_id,
        folder=SENT,
        account_id=message.account_id,
        is_read=True,
        reason=Evidence(rule="author", field="author_id", value=message.author_id),
    )


def _by_machine(message: MessageSent, group: GroupAccount, known: Known) -> tuple[Holding, ...]:
    """What an account answers by itself is whoever's its mail is."""
    own = _by_author(message)
    if not group.teams:
        owner = group.user_id or known.account_owners.get(message.account_id)
        return (own.model_copy(update={"holder_id": owner}),) if owner else ()
    return tuple(
        own.model_copy(update={"holder_type": "group", "holder_id": each}) for each in group.teams
    )


def _by_hand(message: MessageReceived, holder_id: str) -> Holding:
    """Whoever hands a message in has it in hand: it is new to them in the inbox only."""
    folder = message.target_folder or ARCHIVE
    return Holding(
        holder_id=holder_id,
        folder=folder,
        is_read=folder != INBOX,
        reason=Evidence(rule="handed-in", field="holder_id", value=holder_id),
    )


def _of_group(
    arrival: Arrival, message: MessageReceived, group: GroupAccount, known: Known
) -> tuple[Holding, ...]:
    """Return the teams' copies; where no team is to hold it, one person's."""
    user_id = group.user_id or known.account_owners.get(message.account_id)
    own = _of_account(arrival, message, group.teams[0] if group.teams else user_id or "", known)
    if not group.teams:
        return (own,) if user_id else ()
    return tuple(
        own.model_copy(update={"holder_type": "group", "holder_id": each}) for each in group.teams
    )


def _of_account(arrival: Arrival, message: MessageReceived, owner: str, known: Known) -> Holding:
    reason, is_sent = _as_sent(arrival, message, owner, known)
    junk = None if is_sent else junk_reason(message)
    return Holding(
        holder_id=owner,
        folder=JUNK if junk else SENT if is_sent else INBOX,
        account_id=message.account_id,
        is_read=is_sent or any(flag.lower() == _SEEN for flag in message.flags),
        is_quiet=junk is not None,
        reason=junk or reason,
    )


def _as_sent(
    arrival: Arrival, message: MessageReceived, owner: str, known: Known
) -> tuple[Evidence, bool]:
    """Return whether it is the owner's own mail, written with any program, and why or why not.

    What came from outside under an address of ours is ours only if the receiving server says so.
    """
    if (message.special_use or "").lstrip("\\").lower() == _SENT_USE:
        use = shown(message.special_use)
        return Evidence(rule="sent-folder", field="special_use", value=use), True
    author = arrival.written_by
    group = known.groups.get(message.account_id)
    if author and (author == group.address if group else owner in known.people.get(author, ())):
        is_proven = not message.is_from_outside or authentication_of(message, known)[0] == "pass"
        rule = "own-address" if is_proven else "own-address-unproven"
        return Evidence(rule=rule, field="from", value=author), is_proven
    return _by_account("group-account" if group else "account-owner", message.account_id), False


@lru_cache(maxsize=1024)
def _by_account(rule: str, account_id: str) -> Evidence:
    """Return the usual reason: one a mailbox is made once."""
    return Evidence(rule=rule, field="account_id", value=account_id)


def authentication_of(message: MessageReceived, known: Known) -> tuple[Verdict, str | None]:
    """Return what the receiving side says of the From address, and which server says it."""
    stamps = [Stamp(each.server, each.is_own, each.verdict) for each in message.authentication]
    return verdict_of(stamps, known.trusted_servers)
