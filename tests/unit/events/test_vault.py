"""The vault's seal: what it hides, and what it notices."""

import base64
from secrets import token_bytes

import pytest

from courrier.events.vault import (
    BadMasterKey,
    MemoryVault,
    Seal,
    Secret,
    SecretChanged,
    SecretMissing,
)


def a_seal() -> Seal:
    """A seal with a fresh key."""
    return Seal(base64.b64encode(token_bytes(32)).decode())


def test_a_sealed_record_shows_nothing_and_opens_again() -> None:
    """The secret is not in the record; two seals of it differ."""
    seal = a_seal()
    record = seal.seal("account.a.imap", b"hunter2")

    assert b"hunter2" not in record
    assert record != seal.seal("account.a.imap", b"hunter2")
    assert b"hunter2" == seal.open("account.a.imap", record)


def test_a_record_cannot_be_passed_off_under_another_name() -> None:
    """The name is authenticated."""
    seal = a_seal()

    with pytest.raises(BadMasterKey, match=r"account\.b\.imap"):
        seal.open("account.b.imap", seal.seal("account.a.imap", b"hunter2"))


def test_a_damaged_record_is_noticed() -> None:
    """One flipped bit is enough."""
    seal = a_seal()
    record = bytearray(seal.seal("x", b"hunter2"))
    record[-1] ^= 1

    with pytest.raises(BadMasterKey, match="damaged"):
        seal.open("x", bytes(record))


def test_another_key_is_named_as_the_cause() -> None:
    """The operator learns that the key is wrong, not that data is damaged."""
    with pytest.raises(BadMasterKey, match="another master key"):
        a_seal().open("x", a_seal().seal("x", b"hunter2"))


@pytest.mark.parametrize("key", ["", "short", "not base64!", base64.b64encode(b"x" * 31).decode()])
def test_a_bad_master_key_is_refused_with_what_is_wanted(key: str) -> None:
    """32 bytes of base64, nothing else."""
    with pytest.raises(BadMasterKey, match="32 random bytes"):
        Seal(key)


def test_a_secret_never_shows_itself() -> None:
    """Not in a log line, not in a stack trace."""
    assert "hunter2" not in repr(Secret(b"hunter2", 1))


async def test_a_stale_swap_is_refused() -> None:
    """A refreshed token is written by compare-and-set."""
    vault = MemoryVault(a_seal())
    revision = await vault.swap("oauth.a", b"one", 0)
    await vault.swap("oauth.a", b"two", revision)

    with pytest.raises(SecretChanged):
        await vault.swap("oauth.a", b"three", revision)
    with pytest.raises(SecretMissing):
        await vault.get("oauth.b")
