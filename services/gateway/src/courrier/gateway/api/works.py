"""What jobs do, by kind: one row here for each, and the function beside what it belongs to."""

from collections.abc import Mapping

from courrier.gateway.adapters.job_runner import Work
from courrier.gateway.ports import Gateway

from . import (
    decisions,
    email_bulk,
    filters_over_past,
    handing_in,
    importing,
    record_bulk,
    rereading,
)


def works_of(gateway: Gateway) -> Mapping[str, Work]:
    """Return all kinds of jobs."""
    return {
        handing_in.IMPORT: handing_in.importing(gateway),
        record_bulk.UPSERT: record_bulk.upserting(gateway),
        email_bulk.BULK: email_bulk.changing(gateway),
        rereading.REREAD: rereading.rereading(gateway),
        decisions.UNDO: decisions.undoing(gateway),
        importing.IMPORT: importing.importing(gateway),
        filters_over_past.APPLY: filters_over_past.applying(gateway),
    }
