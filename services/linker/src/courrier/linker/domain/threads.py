"""Which conversation a message continues (RFC 5322 section 3.6.4), first form.

In-Reply-To is asked first, then References from the newest on. An id is trusted when the e-mail
it names has the same base subject, or when we signed it: anybody can write any other id into a
header. With no trusted ancestor at hand, the thread's id follows from the oldest id named and the
base subject, so that messages of one thread meet in it in whatever order they come.
"""

from dataclasses import dataclass

from courrier.events.base import Evidence
from courrier.linker.domain.arrivals import Arrival, Reference, replied_of
from courrier.linker.domain.fitting import shown
from courrier.linker.domain.known import Known, KnownEmail


@dataclass(frozen=True, slots=True)
class Threading:
    """The thread, why, and the e-mail that the message answers, if we have it."""

    thread_id: str
    reason: Evidence
    replies_to: str | None


def thread_of(arrival: Arrival, known: Known, *, imposter: bool = False) -> Threading:
    """Return the thread that a message belongs to as far as can be told now.

    An ``imposter`` bears another message's Message-ID, which then proves no kinship.
    """
    replied = replied_of(arrival.message)
    if replied and (original := known.emails.get(replied)):
        reason = Evidence(rule="reply-written-here", field="replies_to", value=replied)
        return Threading(original.thread_id, reason, replied)
    replies_to = replied or _answered(arrival, known)
    for reference in arrival.references:
        ancestor = known.emails.get(reference.email_id)
        if ancestor and _trusted(reference, ancestor, arrival):
            return Threading(ancestor.thread_id, _because(reference), replies_to)
    if imposter and arrival.root is None:
        reason = Evidence(rule="message-id-taken", field="message_id", value=_own_id(arrival))
        return Threading(arrival.other_id, reason, replies_to)
    return Threading(arrival.provisional_thread, _provisionally(arrival), replies_to)


def _answered(arrival: Arrival, known: Known) -> str | None:
    first = arrival.references[0] if arrival.references else None
    if first and first.field == "in_reply_to" and first.email_id in known.emails:
        return first.email_id
    return None


def _trusted(reference: Reference, ancestor: KnownEmail, arrival: Arrival) -> bool:
    return reference.signed or ancestor.subject_key == arrival.subject_key


def _because(reference: Reference) -> Evidence:
    rule = "own-message-id" if reference.signed else "same-subject"
    return Evidence(rule=rule, field=reference.field, value=shown(reference.message_id))


def _provisionally(arrival: Arrival) -> Evidence:
    if arrival.root:
        root = arrival.root
        return Evidence(rule="oldest-reference", field=root.field, value=shown(root.message_id))
    return Evidence(rule="starts-thread", field="message_id", value=_own_id(arrival))


def _own_id(arrival: Arrival) -> str | None:
    return shown(arrival.message.message_id)
