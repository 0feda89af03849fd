"""Our header parser reads what the library's reads, only faster."""

from hypothesis import example, given
from hypothesis import strategies as st
from nats.aio.client import Client

from courrier.events.jetstream.client import EventClient

NAMES = st.text(st.sampled_from("ABCxyz019-_. \té:"), max_size=8)
VALUES = st.text(st.characters(exclude_characters="\r\n"), max_size=12)
ENDS = st.sampled_from(["\r\n", "\n", ""])


@given(
    st.lists(st.tuples(NAMES, st.sampled_from([":", ": ", ":\t", ""]), VALUES, ENDS), max_size=5)
)
@example([("ce-id", ": ", "1", "\r\n"), ("", "", "", "\r\n")])
def test_the_two_parsers_agree(lines: list[tuple[str, str, str, str]]) -> None:
    """Well-formed or not, the same bytes give the same headers."""
    raw = "".join(name + colon + value + end for name, colon, value, end in lines).encode()

    assert Client._parse_header_lines(raw) == EventClient._parse_header_lines(raw)


@given(st.binary(max_size=60))
def test_the_two_parsers_agree_on_any_bytes(raw: bytes) -> None:
    """Damage included."""
    assert Client._parse_header_lines(raw) == EventClient._parse_header_lines(raw)
