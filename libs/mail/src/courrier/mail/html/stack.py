"""Which open elements a tag ends (HTML 13.2.6.4), told from the list of their names.

Each search is bounded; what stands open deeper is not looked at.
"""

from collections.abc import Iterator

from courrier.mail.html.elements import BLOCKS, ENDS, SCOPES, TABLE_PARTS

_PARAGRAPH = {"p"}
_SEARCHED = 64


def implied_ends(name: str) -> Iterator[tuple[set[str], set[str]]]:
    """What a start tag ends: a paragraph holds no block, an item no item; for `outermost`."""
    if name in BLOCKS:
        yield _PARAGRAPH, BLOCKS
    if name in ENDS:
        yield ENDS[name]


def outermost(stack: list[str], ended: set[str], bounds: set[str]) -> int:
    """Where the outermost of `ended` stands above the nearest of `bounds`; else the size."""
    found = len(stack)
    for at in range(len(stack) - 1, max(-1, len(stack) - 1 - _SEARCHED), -1):
        if stack[at] in ended:
            found = at
        elif stack[at] in bounds:
            break
    return found


def position_to_close(stack: list[str], name: str) -> int:
    """Where the element stands that an end tag closes from here; the size if none does."""
    for at in range(len(stack) - 1, max(-1, len(stack) - 1 - _SEARCHED), -1):
        if stack[at] == name:
            return at
        if stack[at] in SCOPES and name not in TABLE_PARTS:
            break
    return len(stack)
