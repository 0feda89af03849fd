"""Ids are HMAC-SHA-256, made in two halves: as the library makes them, for any key and text."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from courrier.events.identity import Identity


@given(st.binary(min_size=1, max_size=100), st.text(max_size=200))
def test_an_id_is_the_library_s_hmac(key: bytes, message_id: str) -> None:
    """RFC 2104, keys longer than a block too: ids on the log never change."""
    message = f"email\x1f{message_id}".encode("utf-8", "surrogatepass")

    assert Identity(key).email_of(message_id) == hmac.digest(key, message, "sha256").hex()[:32]
