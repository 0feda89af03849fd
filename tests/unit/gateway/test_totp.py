"""One-time codes as RFC 6238 has them, and recovery codes that people can type."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.gateway.domain.totp import (
    RECOVERY_BYTES,
    STEP_S,
    code_at,
    key_text,
    key_uri,
    matching_step,
    recovery_code,
    recovery_digest,
)

SECRET = b"12345678901234567890"
"""The secret of RFC 6238 appendix B."""

moments = st.integers(min_value=0, max_value=2**40)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(moment: int, expected: str) -> None:
    """The last six digits of the table in RFC 6238 appendix B."""
    assert expected == code_at(SECRET, moment // STEP_S)


@given(moments)
def test_a_clock_may_be_half_a_minute_wrong(moment: int) -> None:
    """Either way; a code tells its step, so that it is taken once."""
    step = moment // STEP_S
    for near in (step - 1, step, step + 1):
        if near >= 0:
            found = matching_step(SECRET, code_at(SECRET, near), moment + STEP_S)
            assert found is None or found in {step, step + 1, step + 2}
    assert step == matching_step(SECRET, code_at(SECRET, step), step * STEP_S)


@pytest.mark.parametrize(
    "shown", ["", "287 082 ", "287083", "28708", "²⁸⁷⁰⁸²", "\ud800", "x" * 9999]
)
def test_a_wrong_code_is_wrong(shown: str) -> None:
    """Spaces do not matter; nothing else is forgiven, and nothing breaks."""
    expected = 1 if shown == "287 082 " else None

    assert expected == matching_step(SECRET, shown, 59.0)


def test_an_authenticator_reads_the_key() -> None:
    """By its text or by its URI, whatever the login is called."""
    uri = urlsplit(key_uri(SECRET, "ada & co:x"))

    assert ("otpauth", "totp") == (uri.scheme, uri.netloc)
    assert "/Courrier:ada & co:x" == unquote(uri.path)
    assert {"secret": [key_text(SECRET)], "issuer": ["Courrier"]} == parse_qs(uri.query)


@given(st.binary(min_size=RECOVERY_BYTES, max_size=RECOVERY_BYTES))
def test_a_recovery_code_is_typed_as_people_type(random: bytes) -> None:
    """In capitals, without dashes, with spaces: it is the same code."""
    code = recovery_code(random)

    assert 19 == len(code)
    assert recovery_digest(code) == recovery_digest(code.upper().replace("-", " "))
    assert recovery_digest(code) != recovery_digest(code[:-1])
