"""Which filter matches which message: one table for mail that arrives and for mail that is there.

Criteria, what the message has instead of the usual, and whether they match.
"""

from typing import Any


def _mailbox(address: str) -> dict[str, str | None]:
    return {"name": None, "address": address}


TWO = [_mailbox("test@one.test"), _mailbox("baraka@two.test")]

MATCHES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"from": "ann@one.test"}, {"from": _mailbox("ann@one.test")}, "yes"),
    ({"from": "ann@one.test"}, {"from": _mailbox("ANN@One.test")}, "yes"),
    ({"from": "*@one.test"}, {"from": _mailbox("ann@one.test")}, "yes"),
    ({"from": "one.test"}, {"from": _mailbox("ann@one.test")}, "no"),
    ({"from": "*"}, {"from": None}, "no"),
    ({"to": "baraka@two.test"}, {"to": TWO}, "yes"),
    ({"to": "*@two.test"}, {"to": TWO}, "yes"),
    ({"to": "cc@one.test"}, {"to": TWO, "cc": [_mailbox("cc@one.test")]}, "no"),
    ({"subject": "*hello*"}, {"subject": "test hello man"}, "yes"),
    ({"subject": "hello"}, {"subject": "test hello man"}, "no"),
    ({"subject": "hello"}, {"subject": "Hello"}, "no"),
    ({"subject": "a.c"}, {"subject": "abc"}, "no"),
    ({"subject": "a.c"}, {"subject": "a.c"}, "yes"),
    ({"subject": "*"}, {"subject": None}, "yes"),
    ({"subject": "*hello*", "from": "ann@one.test"}, {"subject": "oh hello"}, "no"),
    ({"body_contains": ["man", "red"]}, {"text": "hello Man tester"}, "yes"),
    ({"body_contains": ["red"]}, {"text": "hello Man tester"}, "no"),
    ({"body_contains": ["man"], "from": "x@one.test"}, {"text": "hello man"}, "no"),
    ({"body_contains_all": ["test", "HELLO"]}, {"text": "test hello"}, "yes"),
    ({"body_contains_all": ["test", "hello"]}, {"text": "test"}, "no"),
    ({"body_contains": ["one"], "body_contains_all": ["test"]}, {"text": "test one"}, "yes"),
    ({"has_attachment": True}, {"attachment_count": 1}, "yes"),
    ({"has_attachment": True}, {"attachment_count": 0}, "no"),
    ({"has_attachment": False}, {"attachment_count": 0}, "yes"),
    ({"list_id": "news.one.test"}, {"list_id": "The News <news.one.test>"}, "yes"),
    ({"list_id": "*.one.test"}, {"list_id": "News.One.test"}, "yes"),
    ({"list_id": "news.one.test"}, {"list_id": None}, "no"),
    ({"size_over": 10}, {"raw": {"digest": "0" * 64, "size": 11}}, "yes"),
    ({"size_over": 10}, {"raw": {"digest": "0" * 64, "size": 10}}, "no"),
    ({}, {}, "no"),
    ({"body_contains": [""], "from": "", "subject": ""}, {"text": "anything"}, "no"),
    ({"from": "*", "active": False}, {}, "no"),
]
