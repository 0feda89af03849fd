"""Pasted lists: whatever separates people, each comes out once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.gateway.domain.pasted import split_people


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("ada@x.test", [(None, "ada@x.test")]),
        ("ada@x.test, hal@x.test;zoe@x.test\nann@x.test\tbob@x.test",
         [(None, f"{name}@x.test") for name in ("ada", "hal", "zoe", "ann", "bob")]),
        ("ada@x.test hal@x.test", [(None, "ada@x.test"), (None, "hal@x.test")]),
        ("Ada Lovelace <ada@x.test>", [("Ada Lovelace", "ada@x.test")]),
        ('"Lovelace, Ada" <ada@x.test>; Hal', [("Lovelace, Ada", "ada@x.test"), (None, "Hal")]),
        ("Lovelace, Ada <ada@x.test>; Hopper, Grace <grace@x.test>",
         [("Lovelace, Ada", "ada@x.test"), ("Hopper, Grace", "grace@x.test")]),
        ("ADA@X.test, ada@x.test", [(None, "ADA@X.test")]),
        ("mailto:ada@x.test", [(None, "ada@x.test")]),
        ("half@", [(None, "half@")]),
        ("  \n ; , ", []),
        ("Zoë <zoe@bücher.example>", [("Zoë", "zoe@bücher.example")]),
    ],
)  # fmt: skip
def test_a_pasted_list_is_people(text: str, expected: list[tuple[str | None, str]]) -> None:
    """In order, each address once; what is no address is not lost."""
    assert expected == [(box.name, box.address) for box in split_people(text)]


@given(st.text(alphabet=' ,;<>"@ab.\n\\', max_size=60))
def test_any_text_can_be_pasted(text: str) -> None:
    """Nothing breaks, and no address has a line break."""
    for box in split_people(text):
        assert box.address
        assert "\n" not in box.address
