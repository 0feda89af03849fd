"""Dates as programs of all decades write them."""

import pytest

from courrier.mail.parse import parse
from courrier.mail.to_json import to_json


@pytest.mark.parametrize(
    ("header", "name", "expected"),
    [
        (b"Date: Fri, 21 Nov 1997 09:55:06 -0600", "date", "1997-11-21T15:55:06Z"),
        (b"Date: 21 Nov 97 09:55:06 GMT", "date", "1997-11-21T09:55:06Z"),
        (
            (
                b"Date: Thu,\r\n      13\r\n        Feb\r\n          1969\r\n"
                b"      23:32\r\n               -0330 (Newfoundland Time)"
            ),
            "date",
            "1969-02-14T03:02:00Z",
        ),
        (b"Date: Mon, 12 Jan 2026 10:11:12 +0000 (UTC)", "date", "2026-01-12T10:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 10:11:12 +0000", "date", "2026-01-12T10:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 10:11 +0100", "date", "2026-01-12T09:11:00Z"),
        (b"Date: Mon, 1 May 95 10:00:00 PDT", "date", "1995-05-01T17:00:00Z"),
        (b"Date: Mon, 1 May 95 10:00:00 EST", "date", "1995-05-01T15:00:00Z"),
        (b"Date: Mon, 1 May 95 10:00:00 EDT", "date", "1995-05-01T14:00:00Z"),
        (b"Date: Mon, 1 May 95 10:00 CDT", "date", "1995-05-01T15:00:00Z"),
        (b"Date: 1 May 03 10:00:00 +0000", "date", "2003-05-01T10:00:00Z"),
        (b"Date: 1 May 49 10:00:00 +0000", "date", "2049-05-01T10:00:00Z"),
        (b"Date: 1 May 50 10:00:00 +0000", "date", "1950-05-01T10:00:00Z"),
        (b"Date: 1 May 103 10:00:00 +0000", "date", "2003-05-01T10:00:00Z"),
        (b"Date: Mon, 12 Jan 2026 10:11:12 Z", "date", "2026-01-12T10:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 10:11:12 UT", "date", "2026-01-12T10:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 10:11:12 -0000", "date", "2026-01-12T10:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 10:11:12 +0530", "date", "2026-01-12T04:41:12Z"),
        (b"Date: Mon, 12 Jan 2026 10:11:12 +05:30", "date", "2026-01-12T04:41:12Z"),
        (b"Date: Mon,12 Jan 2026 10:11:12 +0100", "date", "2026-01-12T09:11:12Z"),
        (b"Date: Mon 12 Jan 2026 10:11:12 +0100", "date", "2026-01-12T09:11:12Z"),
        (b"Date: Monday, 12 January 2026 10:11:12 +0100", "date", "2026-01-12T09:11:12Z"),
        (b"Date: Mon, 12-Jan-2026 10:11:12 +0100", "date", "2026-01-12T09:11:12Z"),
        (b"Date: 12-Jan-99 10:11:12 GMT", "date", "1999-01-12T10:11:12Z"),
        (b"Date: Mon Jan 12 10:11:12 2026", "date", "2026-01-12T10:11:12Z"),
        (b"Date: Mon Jan 12 10:11:12 EST 1998", "date", "1998-01-12T15:11:12Z"),
        (b"Date: Mon Jan 12 10:11:12 1998 -0500", "date", "1998-01-12T15:11:12Z"),
        (b"Date: Jan 12, 2026 10:11:12 +0000", "date", "2026-01-12T10:11:12Z"),
        (b"Date: 2026-01-12T10:11:12Z", "date", "2026-01-12T10:11:12Z"),
        (b"Date: 2026-01-12 10:11:12 +0100", "date", "2026-01-12T09:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 1:11:12 +0000", "date", "2026-01-12T01:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 10.11.12 +0000", "date", "2026-01-12T10:11:12Z"),
        (b"Date: Tue, 30 Feb 2026 10:11:12 +0000", "date", None),
        (b"Date: yesterday", "date", None),
        (b"Date:", "date", None),
        (b"Subject: x", "date", None),
        (b'Date: Mon, 12 Jan 2026 10:11:12 "GMT"', "date", "2026-01-12T10:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 10:11:12 +0100 (CET)", "date", "2026-01-12T09:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 10:11:12 MET", "date", "2026-01-12T09:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 10:11:12 CET", "date", "2026-01-12T09:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 10:11:12 JST", "date", "2026-01-12T01:11:12Z"),
        (b"Date: Mon, 12 Jan 2026 10:11:12", "date", "2026-01-12T10:11:12Z"),
        (b"Date: Wed, 32 Dec 2025 10:00:00 +0000", "date", None),
        (b"Date: Mon, 12 Jan 2026 25:11:12 +0000", "date", None),
        (b"date: mon, 12 jan 2026 10:11:12 +0000", "date", "2026-01-12T10:11:12Z"),
        (
            b"Date: Mon, 12 Jan 2026 (the 12th) 10:11:12 (morning) +0100",
            "date",
            "2026-01-12T09:11:12Z",
        ),
        (b"Date: Thu, 01 Jan 1970 00:00:00 +0000", "date", "1970-01-01T00:00:00Z"),
        (
            (
                b"From joe@example.com Mon Jan 12 10:11:12 1998\r\n"
                b"From: joe@example.com (Joe)\r\nSubject: mbox"
            ),
            "date",
            None,
        ),
    ],
)
def test_dates_are_read_in_every_form(header: bytes, name: str, expected: str | None) -> None:
    """Written down from the standards before our reading of them was looked at."""
    read = to_json(parse(header + b"\r\n\r\nbody\r\n", with_html=False))

    assert expected == read[name]
