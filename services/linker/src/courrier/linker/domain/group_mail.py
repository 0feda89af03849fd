"""What mail of a group account starts: a case, an answer by machine, a case's return to work.

A case is for what a person wrote to the group: mail of robots, lists and campaigns, of the group
itself, and junk opens none. A machine answers even less (RFC 3834 section 2): not our own people,
nobody whose address the receiving server calls forged, nothing old, and no address that reads
nothing.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from courrier.events.base import Evidence
from courrier.events.families.email import (
    AutoReplyPermitted,
    CaseAnswered,
    EmailImported,
    EmailShared,
    GroupMail,
    Holding,
    Link,
)
from courrier.events.families.mailbox import MessageReceived
from courrier.linker.domain.arrivals import Arrival, Message
from courrier.linker.domain.filing import SENT, authentication_of
from courrier.linker.domain.junk import JUNK
from courrier.linker.domain.known import GroupAccount, Known
from courrier.linker.domain.places import TRASH
from courrier.mail.headers.addresses import match_key

ANSWERED_WITHIN = timedelta(days=2)
"""An answer by machine to what is older is no service: it was read long ago, or never will be."""
CASE = "case"

_OF_MANY = frozenset({"list", "precedence", "bulk"})
_PLACES_OF_NO_NEWS = frozenset({SENT, JUNK, TRASH})
_ROBOTS = re.compile(
    r"(?:mailer-?daemon|postmaster|no-?_?\.?reply|do-?_?\.?not-?_?\.?reply|ne-?pas-?repondre"
    r"|bounces?|noreply|notifications?|listserv|majordomo|owner)(?:[-+._=].*)?"
    r"|.*-(?:request|owner|bounces?|noreply|no-reply)",
    re.IGNORECASE,
)


def group_mail(
    arrival: Arrival, holdings: Sequence[Holding], links: Sequence[Link], known: Known
) -> GroupMail | None:
    """Return what a received message starts in the group account that it came to.

    What is linked to a case already opens none: it belongs to that one. A copy of what was sent
    from here starts nothing.
    """
    message = arrival.message
    account = known.groups.get(message.account_id)
    if account is None or not isinstance(message, MessageReceived) or message.holder_id:
        return None
    if arrival.ours or not _is_from_somebody(message, known):
        return None
    if not any(_is_news(each, message) for each in holdings):
        return None
    is_of_many = message.unanswerable in _OF_MANY or message.list_id is not None
    is_new = not is_of_many or _is_own_list(message, account)
    opens_case = account.opens_cases and is_new and _case_of(links) is None
    is_answerable = account.template_id and _is_answerable(arrival, message, known)
    if account.opens_cases and not opens_case:
        is_answerable = None  # only what opens a case is answered there
    template_id = account.template_id if is_answerable else None
    if not (opens_case or template_id):
        return None
    return GroupMail(account_id=message.account_id, opens_case=opens_case, template_id=template_id)


def permitted(
    fact: EmailImported | EmailShared, imported: EmailImported
) -> AutoReplyPermitted | None:
    """Return that a machine may answer at once; where cases are opened it waits for the number."""
    group = fact.group
    if group is None or group.template_id is None or group.opens_case or not imported.sent_from:
        return None
    return permission(imported, group)


def permission(imported: EmailImported, group: GroupMail) -> AutoReplyPermitted:
    """Return that a machine may answer the e-mail; ``group`` names the template.

    Raises:
        ValueError: nobody wrote it, or nothing is to be answered.
    """
    author = imported.sent_from
    if author is None or group.template_id is None:
        raise ValueError("there is nobody to answer, or nothing")
    return AutoReplyPermitted(
        email_id=imported.email_id,
        account_id=group.account_id,
        template_id=group.template_id,
        recipient=author,
        thread_id=imported.thread_id,
        message_id=imported.message_id,
        references=imported.references,
        subject=imported.subject,
        date=imported.date,
        reason=Evidence(rule="written-by-person", field="from", value=author.address),
    )


def answered(message: Message, imported: EmailImported, known: Known) -> CaseAnswered | None:
    """Return that somebody outside wrote about a case, if that is what the e-mail is about."""
    parent = _case_of(imported.links)
    if parent is None or not isinstance(message, MessageReceived) or message.holder_id:
        return None
    if not _is_from_somebody(message, known) or _is_ours(message, known):
        return None
    if not any(_is_news(each, message) for each in imported.holdings):
        return None
    return CaseAnswered(
        email_id=imported.email_id,
        record=parent.record,
        at=message.received_at or imported.date,
        reason=parent.reason,
    )


def _case_of(links: Sequence[Link]) -> Link | None:
    return next((link for link in links if link.parent and link.record.type == CASE), None)


def _is_from_somebody(message: MessageReceived, known: Known) -> bool:
    """Whether a person wrote it who is not the group: nothing goes round in circles."""
    author = message.sent_from
    if author is None or message.auto_reply:
        return False
    return match_key(author.address) not in known.group_addresses


def _is_ours(message: MessageReceived, known: Known) -> bool:
    return message.sent_from is not None and match_key(message.sent_from.address) in known.people


def _is_news(holding: Holding, message: MessageReceived) -> bool:
    is_here = holding.account_id == message.account_id
    return is_here and holding.folder not in _PLACES_OF_NO_NEWS


def _is_own_list(message: MessageReceived, account: GroupAccount) -> bool:
    """Whether the group's address is itself a list's, which is how some companies set one up."""
    named = (message.list_id or "").rpartition("<")[2].rstrip("> ").lower()
    return bool(named) and named == account.address.replace("@", ".", 1).lower()


def _is_answerable(arrival: Arrival, message: MessageReceived, known: Known) -> bool:
    if message.unanswerable or message.list_id or message.sent_from is None:
        return False
    if _is_ours(message, known) or authentication_of(message, known)[0] == "fail":
        return False
    if _ROBOTS.fullmatch(message.sent_from.address.partition("@")[0]):
        return False
    began = arrival.source.time
    return began - (message.received_at or message.date or began) <= ANSWERED_WITHIN
