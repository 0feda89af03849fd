"""Our client reads and writes headers as the library does, only faster."""

import importlib.util
from typing import Protocol

from hypothesis import example, given
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.errors import BadHeaderError

from courrier.events.jetstream.client import EventClient

NAMES = st.text(st.sampled_from("ABCxyz019-_. \té:"), max_size=8)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)
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


class Wire(Protocol):
    """What a client would send."""

    sent: list[bytes]

    async def _send_publish(
        self, subject: str, reply: str, payload: bytes, size: int, headers: dict[str, str]
    ) -> None: ...


def recording(kind: type[Client]) -> Wire:
    """A client of this kind that keeps what it would send."""

    class Recording(kind):  # type: ignore[misc, valid-type]  # the base is the argument
        def __init__(self) -> None:
            super().__init__()
            self.sent: list[bytes] = []

        async def _send_command(self, cmd: bytes, priority: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's
            self.sent.append(cmd)

    return Recording()


async def written(kind: type[Client], headers: dict[str, str]) -> list[bytes] | str:
    """The bytes of one publish, or the refusal."""
    client = recording(kind)
    try:
        await client._send_publish("email.03.x", "", b"{}", 2, headers)
    except (BadHeaderError, UnicodeEncodeError) as error:
        return type(error).__name__
    return client.sent


@given(st.dictionaries(NAMES, st.text(max_size=12), max_size=4))
@example({"ce-id": "1", "ce-actor": "user:ada"})
@example({"ce-id": "1\r\nce-actor: user:eve"})
@example({"ce-id": " 1 "})
async def test_the_two_writers_agree(headers: dict[str, str]) -> None:
    """The same bytes or the same refusal, whatever a value holds."""
    assert await written(EventClient, headers) == await written(Client, headers)


async def test_another_parser_of_mail_is_not_asked() -> None:
    """Where fast-mail-parser is installed, as here, the library alone would give lists."""
    headers = await EventClient()._process_headers(b"NATS/1.0\r\nce-id: 1\r\n\r\n")

    assert importlib.util.find_spec("fast_mail_parser")
    assert {"ce-id": "1"} == headers
