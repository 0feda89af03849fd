import pytest

from courrier.mail.headers.addresses import parse_addresses


@pytest.mark.parametrize("control", [b"\x00", b"\x01", b"\x0c", b"\x14", b"\x7f"])
def test_control_characters_are_no_part_of_an_address(control: bytes) -> None:
    """They would stop a command to a server, and hide one address in another."""
    [bare] = parse_addresses(b"go" + control + b"ne@example.test")
    [named] = parse_addresses(b"Ada <a" + control + b"da@example.test>")

    [hidden] = parse_addresses(b"=?utf-8?q?ada=" + control.hex().encode().upper() + b"@x.test?=")

    assert "ada@x.test" == hidden.address
    assert ("gone@example.test", "ada@example.test") == (bare.address, named.address)
