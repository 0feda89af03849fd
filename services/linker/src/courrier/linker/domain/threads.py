"""Which conversation a message continues (RFC 5322 section 3.6.4).

E-mails are of one thread when they share a key (``domain.words``): they name the same id under the
same base subject, or name beyond doubt what we wrote. In-Reply-To is asked first, then References
from the newest on; then whether others have named the message before it came. With nothing at hand
the thread's id follows from the oldest id named and the base subject, so that messages of one
thread mostly meet in it in whatever order they come; where they do not, the threads are joined as
soon as one message shows it (``domain.healing``).
"""

from dataclasses import dataclass

from courrier.events.base import Evidence
from courrier.linker.domain.arrivals import Arrival, Reference, replied_of
from courrier.linker.domain.fitting import shown
from courrier.linker.domain.known import Known
from courrier.linker.domain.words import ancestor_key, own_keys


@dataclass(frozen=True, slots=True)
class Threading:
    """The thread, why, and the e-mail that the message answers, whether we have it or not."""

    thread_id: str
    reason: Evidence
    replies_to: str | None


def thread_of(arrival: Arrival, known: Known, *, imposter: bool = False) -> Threading:
    """Return the thread that a message belongs to as far as can be told now.

    An ``imposter`` bears another message's Message-ID, which then proves no kinship.
    """
    replied = replied_of(arrival.message)
    if replied and (thread_id := _thread_by(replied, arrival, known)):
        reason = Evidence(rule="reply-written-here", field="replies_to", value=replied)
        return Threading(thread_id, reason, replied)
    replies_to = replied or _answered(arrival)
    named = arrival.references if arrival.root is None else (*arrival.references, arrival.root)
    for reference in named:
        if thread_id := _thread_by(reference.email_id, arrival, known):
            return Threading(thread_id, _because(reference, known), replies_to)
    if imposter and arrival.root is None:
        reason = Evidence(rule="message-id-taken", field="message_id", value=_own_id(arrival))
        return Threading(arrival.other_id, reason, replies_to)
    if not imposter and (thread_id := _named_before(arrival, known)):
        reason = Evidence(rule="answered-before", field="message_id", value=_own_id(arrival))
        return Threading(thread_id, reason, replies_to)
    return Threading(arrival.provisional_thread, _provisionally(arrival), replies_to)


def _thread_by(ancestor: str, arrival: Arrival, known: Known) -> str | None:
    """Return the thread of an ancestor, where a person may have put it, else of who names it."""
    words = arrival.words
    found = known.threads.get(ancestor_key(words, ancestor))
    there = known.emails.get(ancestor)
    if found is None or there is None:
        return found
    is_own_key = ancestor in words.proven or there.subject_key == words.subject_key
    return there.thread_id if is_own_key else found


def _answered(arrival: Arrival) -> str | None:
    first = arrival.references[0] if arrival.references else None
    return first.email_id if first and first.field == "in_reply_to" else None


def _named_before(arrival: Arrival, known: Known) -> str | None:
    keys = own_keys(arrival.email_id, arrival.subject_key)
    return next((found for key in keys if (found := known.threads.get(key))), None)


def _because(reference: Reference, known: Known) -> Evidence:
    rule = "same-subject" if reference.email_id in known.emails else "same-ancestor"
    if reference.signed:
        rule = "own-message-id"
    return Evidence(rule=rule, field=reference.field, value=shown(reference.message_id))


def _provisionally(arrival: Arrival) -> Evidence:
    if arrival.root:
        root = arrival.root
        return Evidence(rule="oldest-reference", field=root.field, value=shown(root.message_id))
    return Evidence(rule="starts-thread", field="message_id", value=_own_id(arrival))


def _own_id(arrival: Arrival) -> str | None:
    return shown(arrival.message.message_id)
