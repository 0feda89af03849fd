"""Settings of well-known providers are complete, and each domain has one."""

import pytest

from courrier.gateway.domain.presets import HINTS, PRESETS, preset_for


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_preset_is_complete(preset: object, language: str) -> None:
    """Servers, kind of log-in, a hint that names nothing in braces."""
    (one,) = [each for each in PRESETS if each is preset]
    found = preset_for(f"grace@{one.domains[0]}", language)

    assert found
    assert one.id == found["id"]
    assert one.auth in HINTS
    assert "{" not in found["hint"]
    assert all(found[name]["port"] and found[name]["host"] for name in ("imap", "smtp"))


def test_domains_belong_to_one_preset() -> None:
    """An address has one provider."""
    domains = [domain for preset in PRESETS for domain in preset.domains]

    assert len(domains) == len(set(domains))
