"""``/{account}/ledger``: what the server says, what we hold, what is left out and why."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from courrier.gateway.projections.ledgers import FolderLedger

from .shapes import Moment, Shown

Json = dict[str, Any]

LEDGER: Json = {
    "folders": [
        {
            "folder": "INBOX",
            "text": "The server says 18\u00a0204, we hold 18\u00a0192, missing none, "
            "left out 12 (too-large 2, too-old 10).",
            "server": 18204,
            "held": 18192,
            "missing": 0,
            "left_out": {"too-large": 2, "too-old": 10},
            "owed": 0,
            "read_since": "2020-01-01",
            "largest_bytes": 52428800,
            "uidvalidity": 1767225600,
            "renumbered_at": None,
            "advanced_at": "2026-03-02T12:00:00Z",
            "progress": None,
            "compared": {
                "at": "2026-03-02T09:14:00Z",
                "server": 18204,
                "held": 18192,
                "left_out": 12,
                "missing": 0,
                "recovered": 0,
                "gone": 3,
            },
            "last_gap": {"messages": 2, "closed_at": "2026-02-11T09:14:00Z"},
        }
    ]
}


class ProgressShown(Shown):
    """A synchronisation under way: ``done`` of ``total`` messages since it began."""

    done: int
    total: int
    began_at: Moment
    per_second: float


class ComparedShown(Shown):
    """The last time that the folder was held against the server, message by message.

    ``held`` counts what the log has of the messages on the server; ``gone`` was received and is no
    longer there; ``recovered`` was on the server and not on the log, and was fetched by this.
    """

    at: Moment
    server: int
    held: int
    left_out: int
    missing: int
    recovered: int
    gone: int


class GapShown(Shown):
    """Messages that were found missing, and when they had been fetched."""

    messages: int
    closed_at: Moment


class FolderLedgerShown(Shown):
    """One folder, read back to ``read_since`` (null: all of it) and up to ``largest_bytes``.

    ``owed`` messages are listed by the server and were not sent: they are asked for again.
    ``left_out`` is by reason; ``rule:<filter>`` is what that filter keeps out.
    """

    folder: str
    text: str
    server: int | None
    held: int
    missing: int | None
    left_out: dict[str, int]
    owed: int
    read_since: str | None
    largest_bytes: int | None
    uidvalidity: int
    renumbered_at: Moment | None
    advanced_at: Moment
    progress: ProgressShown | None
    compared: ComparedShown | None
    last_gap: GapShown | None


class LedgerShown(Shown):
    """The ledger of an account."""

    folders: list[FolderLedgerShown]


class VerifyShown(Shown):
    """Comparing with the server was asked for."""


def ledger_json(
    ledgers: Sequence[FolderLedger], kept_out: Mapping[tuple[str, int], Mapping[str, int]]
) -> Json:
    """Return the ledger as answers show it; what filters keep out is not held but left out."""
    return {"folders": [_folder_json(_without(one, kept_out)) for one in ledgers]}


def _without(
    one: FolderLedger, kept_out: Mapping[tuple[str, int], Mapping[str, int]]
) -> FolderLedger:
    """Return the ledger with what filters kept out of this folder moved to what is left out.

    The fetcher, which read them, counts them as held.
    """
    skipped = kept_out.get((one.folder, one.uidvalidity), {})
    number = sum(skipped.values())
    if not number:
        return one
    compared = one.comparison and one.comparison | {
        "held": one.comparison["held"] - number,
        "left_out": one.comparison["left_out"] + number,
    }
    return replace(
        one, held=one.held - number, left_out=one.left_out | dict(skipped), comparison=compared
    )


def _folder_json(one: FolderLedger) -> Json:
    gap = {"messages": one.gap, "closed_at": one.gap_closed_at} if one.gap else None
    return {
        "folder": one.folder,
        "text": _told(one),
        "server": one.server,
        "held": one.held,
        "missing": one.missing,
        "left_out": one.left_out,
        "owed": one.owed,
        "read_since": one.since and one.since.isoformat(),
        "largest_bytes": one.largest,
        "uidvalidity": one.uidvalidity,
        "renumbered_at": one.renumbered_at,
        "advanced_at": one.advanced_at,
        "progress": _progress(one),
        "compared": one.comparison and {"at": one.compared_at, **one.comparison},
        "last_gap": gap,
    }


def _progress(one: FolderLedger) -> Json | None:
    if not one.missing:
        return None
    done = one.held - one.began_with
    seconds = (one.advanced_at - one.began_at).total_seconds()
    rate = round(done / seconds, 1) if seconds > 0 else 0.0
    total = done + one.missing
    return {"done": done, "total": total, "began_at": one.began_at, "per_second": rate}


def _told(one: FolderLedger) -> str:
    """One sentence; what is gone from the server is not counted against it."""
    counted = one.comparison or {}
    is_fresh = one.comparison is not None and one.compared_at == one.advanced_at
    held = counted["held"] if is_fresh else one.held
    left_out = {r: n for r, n in sorted(one.left_out.items()) if r != "vanished"}
    reasons = ", ".join(f"{reason} {_number(count)}" for reason, count in left_out.items())
    skipped = f"left out {_number(sum(left_out.values()))}" if left_out else "left out none"
    missing = _number(one.missing) if one.missing else "none"
    says = "" if one.server is None else f"The server says {_number(one.server)}, "
    return (
        f"{says}we hold {_number(held)}, missing {missing}, {skipped}"
        + (f" ({reasons})" if reasons else "")
        + "."
    )


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\N{NO-BREAK SPACE}")
