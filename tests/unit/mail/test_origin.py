"""By what way a message came, and which servers' words on its From address count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.mail.headers.origin import Stamp, Way, verdict_of, way_of

# public addresses of everybody's name servers stand for hosts outside
OUT = b"Received: from mx.shop.test (mx [8.8.4.4])\r\n\tby mail.home.test with ESMTPS\r\n"
IN = b"Received: from filter.home.test (filter [10.0.0.5]) by store.home.test with LMTP\r\n"
LOGGED_IN = b"Received: from [8.8.8.8] by mail.home.test with ESMTPSA id 7\r\n"
PASS = b"Authentication-Results: mail.home.test;\r\n dmarc=pass (p=none) header.from=shop.test\r\n"
BODY = b"From: ann@shop.test\r\n\r\nHello\r\n"


def way(*fields: bytes) -> Way:
    """The way of a message from ann@shop.test with these fields on top."""
    return way_of(b"".join(fields) + BODY, "ann@shop.test")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((), Way(is_from_outside=False)),
        ((IN,), Way(is_from_outside=False)),
        ((b"Received: by store.home.test with LMTP id 1\r\n",), Way(is_from_outside=False)),
        ((OUT,), Way(is_from_outside=True)),
        ((IN, OUT), Way(is_from_outside=True)),
        ((b"Received: from somewhere by mail.home.test\r\n",), Way(is_from_outside=True)),
        ((b"Received: from x [999.1.1.1] by y\r\n",), Way(is_from_outside=True)),
        # who logged in at the receiving server is not outside
        ((LOGGED_IN,), Way(is_from_outside=False)),
        ((OUT, LOGGED_IN), Way(is_from_outside=True)),
        # results above the first host outside are ours; below, anybody's
        ((PASS, OUT), Way(True, (Stamp("mail.home.test", True, "pass"),))),
        ((IN, PASS, OUT), Way(True, (Stamp("mail.home.test", True, "pass"),))),
        ((OUT, PASS), Way(True, (Stamp("mail.home.test", False, "pass"),))),
        ((PASS,), Way(False, (Stamp("mail.home.test", False, "pass"),))),
    ],
)
def test_the_way_is_read_from_the_top(fields: tuple[bytes, ...], expected: Way) -> None:
    """Each server writes above what it found."""
    assert way(*fields) == expected


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ("dmarc=pass header.from=shop.test", "pass"),
        ("dmarc=fail header.from=shop.test; spf=pass smtp.mailfrom=shop.test", "fail"),
        ("dkim=pass header.d=shop.test", "pass"),
        ("dkim=pass header.i=@shop.test; spf=fail smtp.mailfrom=list.test", "pass"),
        ("dkim=pass header.d=other.test", "none"),
        ("dkim=pass header.d=test", "none"),
        ("dkim=pass header.d=hop.test", "none"),
        ("spf=pass smtp.mailfrom=ann@shop.test", "pass"),
        ("spf=pass smtp.mailfrom=evil.test", "none"),
        ("spf=softfail smtp.mailfrom=shop.test", "fail"),
        ("none", "none"),
        ("", "none"),
        ("dkim=none; (dmarc=pass) spf=none", "none"),
    ],
)
def test_results_count_where_they_speak_of_the_writer_s_domain(results: str, verdict: str) -> None:
    """A signature of anybody else proves nothing."""
    stamped = way(f"Authentication-Results: mail.home.test 1; {results}\r\n".encode(), OUT)

    assert [verdict] == [stamp.verdict for stamp in stamped.stamps]


OWN, OTHERS = Stamp("mail.home.test", True, "pass"), Stamp("mx.big.test", False, "pass")
DENIED = Stamp("mail.home.test", True, "fail")


@pytest.mark.parametrize(
    ("stamps", "trusted", "expected"),
    [
        ((OWN,), (), ("pass", "mail.home.test")),
        ((OTHERS,), (), ("none", None)),
        ((OTHERS,), ("mx.big.test",), ("pass", "mx.big.test")),
        ((OWN, OTHERS), ("mx.big.test",), ("pass", "mx.big.test")),
        ((OWN, DENIED), (), ("fail", "mail.home.test")),
        ((), ("mx.big.test",), ("none", None)),
    ],
)
def test_only_the_receiving_side_is_believed(
    stamps: tuple[Stamp, ...], trusted: tuple[str, ...], expected: tuple[str, str | None]
) -> None:
    """By its place, or because an administrator names it."""
    assert verdict_of(stamps, frozenset(trusted)) == expected


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_have_a_way(raw: bytes, address: str) -> None:
    """It is never an error."""
    assert (
        len(way_of(b"Received: " + raw + b"\r\nAuthentication-Results:" + raw, address).stamps) < 7
    )
