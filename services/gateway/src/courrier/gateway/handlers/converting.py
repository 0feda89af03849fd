"""Make a record from an e-mail: the first half, which the linker's link completes (I2).

The record's id follows from the order's, so that whoever repeats the order, and whoever resumes it,
means the same record; the linker links the e-mail to it by an order of its own.
"""

from collections.abc import Mapping
from uuid import UUID

from courrier.events.base import RecordRef, derived_id
from courrier.gateway.domain.conversion import KINDS, Original, converted
from courrier.gateway.domain.record import CreateRecord
from courrier.gateway.domain.refusals import Unfit

from .facts import Cause
from .records import RecordLog, RecordWritten, write_record


def converted_ref(kind: str, command_id: UUID) -> RecordRef:
    """Return which record an order to convert makes."""
    return RecordRef(type=kind, id=derived_id("converted", kind, str(command_id)).hex)


async def convert(
    log: RecordLog, kind: str, original: Original, given: Mapping[str, object], cause: Cause
) -> RecordWritten:
    """Create the record, once for an order.

    Raises:
        Unfit: no such kind, or a field that cannot be so.
        Contended: others kept writing to the same addresses or took numbers.
    """
    if kind not in KINDS:
        raise Unfit(f"an e-mail becomes one of {', '.join(KINDS)}", pointer="/to")
    ref = converted_ref(kind, cause.command_id)
    order = CreateRecord(ref, converted(kind, original, given))
    return await write_record(log, ref, order, cause)
