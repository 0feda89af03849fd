import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import support
from courrier.mail.html.text import html_to_text

CASES: dict[str, Any] = json.loads(
    (Path(support.__path__[0]) / "html_readings.json").read_text("utf-8")
)


@pytest.mark.parametrize("source", CASES["hidden"])
def test_what_no_reader_sees_is_left_out(source: str) -> None:
    """Preheaders, pixels, programs, comments."""
    assert html_to_text(f"<p>a</p>{source}<p>b</p>") == "a\n\nb"


@pytest.mark.parametrize("source", CASES["shown"])
def test_what_readers_see_is_not_taken_for_hidden(source: str) -> None:
    """Sizes that are set again, rules for some screens only, elements that were never closed."""
    assert html_to_text(source).strip("<!- b") == "a"


@pytest.mark.parametrize(("source", "text"), CASES["read"])
def test_html_reads_as_a_person_would_read_it(source: str, text: str) -> None:
    """Blocks become lines, tables rows, lists items, earlier messages quoted lines."""
    assert html_to_text(source) == text


_SOUP = st.lists(
    st.sampled_from([*CASES["soup"], *CASES["hidden"], *CASES["shown"]]) | st.text(max_size=5),
    max_size=40,
).map("".join)


@given(_SOUP)
@settings(max_examples=250, deadline=None)
def test_any_markup_gives_valid_text(source: str) -> None:
    """Whatever is opened, closed or left open, there is an answer that Unicode can carry."""
    text = html_to_text(source)

    assert text == text.strip()
    assert "\x00" not in text
    assert text.encode("utf-8").decode("utf-8") == text


@pytest.mark.parametrize("piece", CASES["hostile"])
def test_a_megabyte_of_anything_takes_less_than_a_second(piece: str) -> None:
    """Nothing is searched twice from the same place; half of a megabyte takes half of a second."""
    source = piece * (500_000 // len(piece))
    started = time.process_time()

    html_to_text(source + ">")

    assert time.process_time() - started < 1.0
