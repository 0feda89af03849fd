"""A command in a second shell finds what it needs, and nobody else can read it."""

from pathlib import Path

import pytest

from courrier.events.runtime.settings import infrastructure_settings
from courrier.local.data_directory import DataDirectory
from courrier.local.environment_files import write_environment_files
from courrier.local.passwords import load_or_generate
from courrier.local.services import PORT_NAMES, Wiring, environment


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    """A system that does not run."""
    ports = {name: number for number, name in enumerate((*PORT_NAMES, "http"), 4000)}
    return Wiring(
        directory=DataDirectory(tmp_path),
        passwords=load_or_generate(tmp_path / "secrets.json"),
        ports=ports,
    )


def test_the_file_gives_the_settings_of_the_service(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read the way every command reads it."""
    write_environment_files(wiring)
    monkeypatch.setenv("COURRIER_DATA_DIR", str(wiring.directory.root))

    settings = infrastructure_settings("gateway")

    assert settings.nats_user == "gateway"
    assert settings.master_key is not None
    assert settings.master_key.get_secret_value() == wiring.passwords.master_key


def test_only_the_owner_reads_the_files(wiring: Wiring) -> None:
    """They hold passwords."""
    write_environment_files(wiring)

    files = list(wiring.directory.environment.iterdir())
    assert len(files) == 6
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_service_gets_no_other_service_s_password(wiring: Wiring) -> None:
    """Nor the superuser's."""
    given = " ".join(environment(wiring, "linker").values())

    for name in ("fetcher", "sender", "gateway", "admin", "system"):
        assert wiring.passwords.nats[name] not in given
    assert wiring.passwords.superuser not in given
    assert wiring.passwords.admin not in given


def test_what_is_set_for_one_service_reaches_it_alone(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll interval, say; but not what the system decides itself."""
    monkeypatch.setenv("COURRIER_FETCHER_POLL_S", "7")
    monkeypatch.setenv("COURRIER_GATEWAY_PORT", "1")
    monkeypatch.setenv("COURRIER_NATS_PASSWORD", "of another system")

    assert environment(wiring, "fetcher")["COURRIER_FETCHER_POLL_S"] == "7"
    assert "COURRIER_FETCHER_POLL_S" not in environment(wiring, "linker")
    assert environment(wiring, "gateway")["COURRIER_GATEWAY_PORT"] == str(wiring.ports["http"])
    assert (
        environment(wiring, "linker")["COURRIER_NATS_PASSWORD"] == wiring.passwords.nats["linker"]
    )
