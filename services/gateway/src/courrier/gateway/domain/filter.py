"""Which filters make sense: what each scope may do, and what an action needs."""

from collections.abc import Mapping

from courrier.events.families.configuration import FilterAction, FilterFields, FilterScope

from .refusals import Unfit

ACTIONS: Mapping[FilterScope, tuple[FilterAction, ...]] = {
    "global": ("skip",),
    "user": ("skip", "move", "none"),
    "account": ("skip", "move", "none"),
    "group": ("skip", "group_move", "none"),
}
"""A global filter drops unwanted mail; where mail is filed is its holders' business."""

MOVES: tuple[FilterAction, ...] = ("move", "group_move")


def check_filter(fields: FilterFields) -> None:
    """Decline a filter that could do nothing, or not what its scope is for.

    One without criteria is taken, though it never matches: somebody may be about to write them.

    Raises:
        Unfit: with the pointer of the field to mend.
    """
    if fields.action not in ACTIONS[fields.scope]:
        allowed = ", ".join(ACTIONS[fields.scope])
        raise Unfit(f"a {fields.scope} filter can only: {allowed}", pointer="/action")
    if fields.action in MOVES and fields.folder_id is None:
        raise Unfit("say into which folder", pointer="/folder_id")
    marks = fields.mark_read or fields.important or fields.skip_notification
    if fields.action == "none" and not marks:
        raise Unfit("choose what the filter does", pointer="/action")
