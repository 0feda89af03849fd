"""What is left of a record when one of its addresses is erased."""

from courrier.events.base import Event, RecordRef
from courrier.events.families.crm import RecordCreated, RecordFields
from courrier.events.store import History
from courrier.mail.headers.addresses import match_key

from .record import Record, record


def restated(ref: RecordRef, history: History, address: str) -> RecordCreated | None:
    """Return the record as if it had been created without the address.

    None where nothing of its history holds the address, or the record is gone.
    """
    state = record.fold(recorded.event for recorded in history)
    if not isinstance(state, Record) or not any(_holds(r.event, address) for r in history):
        return None
    fields = _without(state.fields, match_key(address))
    return RecordCreated(record=ref, fields=fields)


def _without(fields: RecordFields, key: str) -> RecordFields:
    lists = ("email_addresses", "opted_out", "invalid")
    kept = {
        name: tuple(each for each in getattr(fields, name) if match_key(each) != key)
        for name in lists
    }
    return fields.model_copy(update=kept)


def _holds(event: Event, address: str) -> bool:
    fields = getattr(event, "fields", None)
    if not isinstance(fields, RecordFields):
        return False
    return match_key(address) in {match_key(each) for each in fields.email_addresses}
