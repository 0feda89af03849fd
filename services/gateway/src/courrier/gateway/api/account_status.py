"""How fetching of an account goes: what the log says, and what its fetcher says at this moment."""

from datetime import UTC, datetime
from typing import Any

from courrier.events.commands.figures import AccountFigures, FolderFigures
from courrier.gateway.domain.account_words import told, warning
from courrier.gateway.projections.email_accounts import AccountRow
from courrier.gateway.projections.sending_holds import Hold

from .shapes import Moment, Shown

Json = dict[str, Any]

STATUS: Json = {
    "state": "working",
    "doing": "syncing",
    "text": "New mail is fetched as it arrives.",
    "why": "",
    "to_do": "",
    "paused": None,
    "failure": None,
    "warning": None,
    "last_success": "2026-03-02T12:00:00Z",
    "next_try": None,
    "lag_s": 0.0,
    "connections": 1,
    "push": "works",
    "sending": None,
    "errands": {"waiting": 0, "since": None, "next_try": None, "text": None},
    "folders": [
        {
            "folder": "INBOX",
            "received": 132,
            "skipped": 0,
            "at": "2026-03-02T12:00:00Z",
            "pushed": True,
            "exists": 18204,
            "done": 132,
            "total": 18204,
            "looked_at": "2026-03-02T12:00:00Z",
        }
    ],
}


class FolderStatusShown(Shown):
    """One folder of the server: what came from it, and how far a synchronisation under way is.

    ``exists`` is what the server said last, ``done`` of ``total`` messages are settled;
    ``pushed``: it is watched by IDLE, others are asked.
    """

    folder: str
    received: int
    skipped: int
    at: Moment | None
    pushed: bool
    exists: int | None
    done: int | None
    total: int | None
    looked_at: Moment | None


class SendingHeldShown(Shown):
    """The outgoing server asked to be left alone: nothing leaves before ``held_until``."""

    held_until: Moment
    times: int
    text: str


class ErrandsShown(Shown):
    """What people did here and is still to be done on the server: how much, and since when.

    ``next_try`` and ``text``: when the first that the server refused is tried again, and its words.
    """

    waiting: int
    since: Moment | None
    next_try: Moment | None
    text: str | None


class StatusShown(Shown):
    """How fetching goes; ``text``, ``why`` and ``to_do`` are for people, in the caller's language.

    ``state`` is as the log has it: ``working``, ``waiting`` (never read so far), ``failing``,
    ``needs_person`` or ``paused``. What follows ``failure`` comes from the fetcher that holds the
    account and is null while none does; so is ``doing``: ``idle``, ``syncing``, ``waiting``,
    ``failing`` or ``needs_person``. ``push`` is whether IDLE works: ``works``, ``untried``,
    ``silent`` (mail came and it said nothing) or ``none``. ``warning`` says that a sign-in with a
    provider ends within two weeks, where the provider tells. ``sending`` is null while messages
    leave as they come. ``errands`` is null while no fetcher holds the account, and where nothing
    is done on its server.
    """

    state: str
    doing: str | None
    text: str
    why: str
    to_do: str
    paused: str | None
    failure: dict[str, Any] | None
    warning: str | None
    last_success: Moment | None
    next_try: Moment | None
    lag_s: float | None
    connections: int | None
    push: str | None
    sending: SendingHeldShown | None
    errands: ErrandsShown | None
    folders: list[FolderStatusShown]


def status_json(
    row: AccountRow, folders: list[Json], figures: AccountFigures | None, language: str
) -> Json:
    """Return the status as answers show it."""
    reason = row.paused or (row.failure["reason"] if row.failure else None)
    words = told(row.state, reason, language)
    now = figures.model_dump() if figures else {}
    live = {one.folder: one for one in figures.folders} if figures else {}
    names = dict.fromkeys([*(each["folder"] for each in folders), *live])
    on_log = {each["folder"]: each for each in folders}
    return {
        "state": row.state,
        "doing": now.get("state"),
        "text": words.state,
        "why": words.why,
        "to_do": words.to_do,
        "paused": row.paused,
        "failure": row.failure_in(language),
        "warning": figures and warning(figures.sign_in_ends_at, datetime.now(UTC), language),
        "last_success": now.get("last_success"),
        "next_try": now.get("next_try") or (row.failure or {}).get("retry_at"),
        "lag_s": now.get("lag_s"),
        "connections": now.get("connections"),
        "push": now.get("push"),
        "sending": None,
        "errands": now.get("errands"),
        "folders": [_folder(name, on_log.get(name), live.get(name)) for name in names],
    }


def held_json(hold: Hold | None, now: datetime) -> Json | None:
    """Return how long an account's outgoing server is left alone, and in which words it asked."""
    if hold is None or hold.until <= now:
        return None
    return {"held_until": hold.until, "times": hold.times, "text": hold.text}


def _folder(name: str, on_log: Json | None, live: FolderFigures | None) -> Json:
    kept: Json = on_log or {"received": 0, "skipped": 0, "at": None}
    now = live or FolderFigures(folder=name)
    return {
        **kept,
        "folder": name,
        "pushed": now.push,
        "exists": now.exists,
        "done": now.done,
        "total": now.total,
        "looked_at": now.looked_at,
    }
