"""Secrets are made once, for the owner's eyes, and never overwritten when in doubt."""

import base64
import json
from pathlib import Path

import pytest

from courrier.local.passwords import load_or_generate
from courrier.local.refusal import Refused


def test_the_second_start_has_the_secrets_of_the_first(tmp_path: Path) -> None:
    """The vault would be unreadable otherwise."""
    first = load_or_generate(tmp_path / "secrets.json")

    assert load_or_generate(tmp_path / "secrets.json") == first


def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    """Mode 0600 from the first byte."""
    load_or_generate(tmp_path / "secrets.json")

    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_the_master_key_is_32_random_bytes(tmp_path: Path) -> None:
    """AES-256, in base64; two systems never share one."""
    here = load_or_generate(tmp_path / "a.json")
    there = load_or_generate(tmp_path / "b.json")

    assert len(base64.b64decode(here.master_key)) == 32
    assert here.master_key != there.master_key


def test_secrets_are_not_shown_when_printed(tmp_path: Path) -> None:
    """A log line with the object in it gives nothing away."""
    passwords = load_or_generate(tmp_path / "secrets.json")

    assert passwords.master_key not in repr(passwords)
    assert passwords.admin not in repr(passwords)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nats": 3}', "\xff"])
def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, text: str) -> None:
    """It may still be mended, and the master key is in it."""
    file = tmp_path / "secrets.json"
    file.write_bytes(text.encode("latin-1"))

    with pytest.raises(Refused, match="is damaged"):
        load_or_generate(file)
    assert file.read_bytes() == text.encode("latin-1")


def test_a_secret_that_a_newer_version_needs_is_added(tmp_path: Path) -> None:
    """An update does not ask for a new data directory."""
    file = tmp_path / "secrets.json"
    file.write_text('{"master_key": "a2VwdA=="}')

    passwords = load_or_generate(file)

    assert passwords.master_key == "a2VwdA=="
    assert load_or_generate(file) == passwords


def test_a_user_that_is_newer_than_the_file_gets_a_password(tmp_path: Path) -> None:
    """An upgrade adds users; the passwords in use stay."""
    file = tmp_path / "secrets.json"
    first = load_or_generate(file)
    kept = json.loads(file.read_text())
    del kept["nats"]["archiver"]
    file.write_text(json.dumps(kept))

    second = load_or_generate(file)

    assert second.nats["archiver"]
    assert first.nats["fetcher"] == second.nats["fetcher"]
    assert second == load_or_generate(file)
