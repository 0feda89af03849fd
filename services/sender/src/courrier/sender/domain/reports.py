"""Decide what a report of a mail server says of the message it is on.

Anybody who got the message knows its Message-ID: a report counts for those only whom the message
was sent to, and one in prose that names nobody only where there is one recipient.
"""

from courrier.events.base import Event
from courrier.events.families.outbound import DeliveryReported, RecipientOutcome
from courrier.mail.delivery_reports import DeliveryReport, Reported
from courrier.mail.headers.addresses import match_key
from courrier.sender.domain.states import Cancelled, Delivery, Erased, New


def reported(state: Delivery, report: DeliveryReport, source_id: str) -> list[Event]:
    """Return the fact that a report makes of a message, or none: it is nobody's to tell."""
    if isinstance(state, New | Erased | Cancelled):
        return []
    said = state.message
    if said.is_notice:
        return []
    ours = {match_key(address): address for address in said.envelope_to}
    told = report.recipients
    if not told and len(ours) == 1:
        told = (Reported(next(iter(ours.values())), report.fate, None, ""),)
    outcomes = {
        address: RecipientOutcome(
            address=address, outcome=each.fate, code=each.code, text=each.text
        )
        for each in told
        if (address := ours.get(match_key(each.address))) is not None
    }
    if not outcomes:
        return []
    return [
        DeliveryReported(
            email_id=said.email_id,
            source_id=source_id,
            outcomes=tuple(outcomes.values()),
            is_hard=report.is_hard,
        )
    ]
