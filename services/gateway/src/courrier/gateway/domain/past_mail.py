"""What a filter would do to mail that is there already: what it asks for, and its effect.

Asked for is what the linker's matcher means for mail that arrives.
"""

from dataclasses import dataclass

from courrier.events.commands.linker import StateChange
from courrier.events.families.configuration import FilterFields


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose copies are looked at, what they must meet, and what would become of them.

    None asks for nothing. ``any_of`` and ``all_of`` are phrases of the body; in ``sender``, ``to``,
    ``subject`` and ``list_id`` a ``*`` stands for any characters.
    """

    holder_id: str | None
    account_id: str | None
    sender: str | None
    to: str | None
    subject: str | None
    any_of: list[str] | None
    all_of: list[str] | None
    has_attachment: bool | None
    list_id: str | None
    size_over: int | None
    email_id: str | None
    change: StateChange


def wanted(fields: FilterFields, email_id: str | None = None) -> Wanted | None:
    """Return what the filter looks for; None for one without a criterion, which never matches."""
    any_of = [each for each in fields.body_contains if each]
    all_of = [each for each in fields.body_contains_all if each]
    found = Wanted(
        holder_id=fields.owner_id if fields.scope in ("user", "account") else None,
        account_id=fields.account_id,
        sender=fields.from_ or None,
        to=fields.to or None,
        subject=fields.subject or None,
        any_of=any_of or None,
        all_of=all_of or None,
        has_attachment=fields.has_attachment,
        list_id=fields.list_id or None,
        size_over=fields.size_over,
        email_id=email_id,
        change=effect(fields),
    )
    return found if _asks(found) else None


def effect(fields: FilterFields) -> StateChange:
    """Return what becomes of a copy that matches; nobody is notified of the past."""
    moves = fields.action in ("move", "group_move")
    return StateChange(
        folder="trash" if fields.action == "skip" else fields.folder_id if moves else None,
        is_read=True if fields.mark_read else None,
        is_important=True if fields.important else None,
    )


def _asks(found: Wanted) -> bool:
    texts = (found.sender, found.to, found.subject, found.any_of, found.all_of, found.list_id)
    return any(texts) or found.has_attachment is not None or found.size_over is not None
