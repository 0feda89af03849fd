"""Texts in the reader's language: complete, current, and chosen as the browser asks."""

import re
from importlib.resources import files

import pytest

from courrier.gateway.api.words import entries, preferred, words_in

from .texts import texts

FILLED_IN = re.compile(r"%\(\w+\)s|\{\w+\}")


def catalogue() -> dict[str, tuple[str, ...]]:
    """Return the French catalogue as it is kept."""
    path = files("courrier.gateway.api").joinpath("catalogues", "fr.po")
    return dict(entries(path.read_text("utf-8")))


def test_every_text_has_a_french_translation() -> None:
    """Nobody who reads French meets an English sentence of ours."""
    known = {message for message, translations in catalogue().items() if all(translations)}

    assert set() == texts() - known


def test_the_catalogue_holds_no_text_that_is_gone() -> None:
    """A text that left the pages leaves the catalogue too."""
    assert set() == set(catalogue()) - texts()


def test_a_translation_fills_in_what_the_original_does() -> None:
    """A name that is missing in a translation would break the page."""
    wrong = [
        message
        for message, translations in catalogue().items()
        for each in translations
        if set(FILLED_IN.findall(each)) != set(FILLED_IN.findall(message))
    ]

    assert [] == wrong


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("de, fr;q=0.4, en;q=0.6", "en"),
        ("fr;q=0", "en"),
        ("fr;q=zero, ;;,,", "en"),
        ("de", "en"),
    ],
)
def test_the_browser_chooses_the_language(header: str, expected: str) -> None:
    """RFC 9110 section 12.5.4; what cannot be read is passed over."""
    assert expected == preferred(header)


def test_nothing_is_singular_in_french_and_plural_in_english() -> None:
    """Each language counts in its own way."""
    one, many = "%(num)s message", "%(num)s messages"

    assert many == words_in("en").count(one, many, 0)
    assert one == words_in("fr").count(one, many, 0)
    assert many == words_in("fr").count(one, many, 2)


def test_a_text_without_a_translation_is_shown_in_english() -> None:
    """Better a foreign word than none."""
    assert "never translated" == words_in("fr").text("never translated")
