"""The body of a request for threads: what is read, and which answer each mistake gets."""

import json
from typing import Any

import pytest

from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.thread_request import threads_of


def asked(*messages: Any) -> bytes:
    """A request about these messages."""
    return json.dumps({"messages": messages}).encode()


def test_threads_are_told_by_the_ids_of_the_request() -> None:
    """Each once; brackets around ids, and a date that is none, do no harm."""
    body = asked(
        {"id": "7", "message_id": "<1@x>", "subject": "A", "date": "2026-01-12T10:11:12Z"},
        {"id": "8", "references": ["1@x"], "date": "yesterday", "from": None},
        {"id": "9", "from": {"name": None, "address": "a@x"}, "unknown": 1},
    )

    assert threads_of(body) == [["7", "8"], ["9"]]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
        (b"[]", "/messages"),
        (b"{}", "/messages"),
        (asked(1), "/messages/0"),
        (asked({"subject": "A"}), "/messages/0/id"),
        (asked({"id": 7}), "/messages/0/id"),
        (asked({"id": "1"}, {"id": "1"}), "/messages/1/id"),
        (asked({"id": "1", "subject": 1}), "/messages/0/subject"),
        (asked({"id": "1", "references": "1@x"}), "/messages/0/references"),
        (asked({"id": "1", "references": [None]}), "/messages/0/references"),
        (asked({"id": "1", "from": {"address": 1}}), "/messages/0/from"),
    ],
)
def test_a_mistake_is_named(body: bytes, pointer: str | None) -> None:
    """With the place where it stands."""
    with pytest.raises(Unfit) as refusal:
        threads_of(body)

    assert refusal.value.pointer == pointer
