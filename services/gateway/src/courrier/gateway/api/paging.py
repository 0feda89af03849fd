"""Small lists, which are read whole, in pages: the same parameters and answer as the large ones.

The cursor holds what the last item was sorted by, and its id. What is inserted before it or removed
meanwhile moves nothing.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from courrier.gateway.domain.cursors import PAGE, BadCursor

from .answers import page_answer, to_json
from .values import FieldNames, Limit, LongCursorText

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Paging:
    """The query parameters that every list has."""

    request: Request
    limit: Limit = PAGE
    cursor: LongCursorText = None
    fields: FieldNames = None

    def answer(
        self, items: Sequence[Json], by: Callable[[Json], str], *, newest_first: bool = False
    ) -> Response:
        """Return the page of these items that is asked for, sorted by this and their ids.

        Raises:
            BadCursor: the cursor is none of ours.
        """

        def key(item: Json) -> tuple[str, str]:
            return by(item), str(item["id"])

        ordered = sorted(items, key=key, reverse=newest_first)
        if self.cursor is not None:
            last = _parsed(self.cursor)
            ordered = [
                each for each in ordered if (key(each) < last if newest_first else key(each) > last)
            ]
        page = ordered[: self.limit]
        following = _text(key(page[-1])) if len(ordered) > self.limit else None
        return page_answer(self.request, page, following, self.fields)


PagingDep = Annotated[Paging, Depends()]


def _text(key: tuple[str, str]) -> str:
    return urlsafe_b64encode(to_json(list(key))).decode().rstrip("=")


def _parsed(text: str) -> tuple[str, str]:
    try:
        found = json.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        key, item_id = found
        if isinstance(key, str) and isinstance(item_id, str):
            return key, item_id
    except (ValueError, TypeError, RecursionError) as error:
        raise BadCursor("this cursor is not one of ours: start at the first page") from error
    raise BadCursor("this cursor is not one of ours: start at the first page")


def by_name(item: Json) -> str:
    """Sort by name, capital letters or not."""
    return str(item["name"]).casefold()


def by_place(item: Json) -> str:
    """Sort by the place that people gave it, then by name."""
    return f"{item.get('order', 0):09d} {str(item.get('name', '')).casefold()}"
