"""The checked-in catalogue is the one that the models give."""

from pathlib import Path

from courrier.events.asyncapi import files
from courrier.events.catalogue import EVENTS

CATALOGUE = Path(__file__).parents[2] / "docs" / "catalogue"


def test_the_checked_in_catalogue_is_up_to_date() -> None:
    """A changed contract shows in the diff; ``courrier events catalogue --out docs/catalogue``."""
    checked_in = {
        str(path.relative_to(CATALOGUE)): path.read_text("utf-8")
        for path in CATALOGUE.rglob("*.json")
    }

    assert files() == checked_in


def test_every_event_is_a_message_of_the_asyncapi_document() -> None:
    """Nothing on a stream is undocumented, and every schema says what the event means."""
    catalogue = files()

    for event in EVENTS:
        assert f'"{event.TYPE}"' in catalogue["asyncapi.json"]
        assert "description" in catalogue[f"schemas/{event.TYPE}.json"]
