import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.mail.headers.words import decode_words
from courrier.mail.writing.encoded_words import encoded_words

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200)


def each_by_itself(text: str, used: int = 0) -> list[str]:
    """What a reader that joins nothing makes of the words."""
    return [decode_words(word) for word in encoded_words(text, used).split("\r\n ")]


@given(texts, st.integers(0, 200))
def test_each_word_is_short_and_whole(text: str, used: int) -> None:
    """RFC 2047 sections 2 and 5: 75 characters, whole characters, and all of the text."""
    words = encoded_words(text, used).split("\r\n ")

    assert max(map(len, words)) <= 75
    assert len(words[0]) <= max(24, 78 - used)
    # A byte order mark at its start is the reader's to drop.
    plain = text.replace("\ufeff", "").replace("\x00", "")
    assert "".join(each_by_itself(text.replace("\ufeff", ""), used)) == plain


@pytest.mark.parametrize(
    "character",
    [
        pytest.param("e\u0301", id="accent"),
        pytest.param("o\u0323\u0302", id="two accents"),
        pytest.param("👍🏽", id="skin"),
        pytest.param("❤️", id="variation"),
        pytest.param("👨\u200d👩\u200d👧", id="family"),
        pytest.param("क्", id="virama"),
        pytest.param("กำ", id="two letters"),
        pytest.param("が", id="one letter"),
    ],
)
@pytest.mark.parametrize("before", ["", "x", "xx", "Résumé: "])
def test_what_a_person_sees_as_one_character_is_not_cut(character: str, before: str) -> None:
    """A reader that shows word by word would show its parts."""
    words = each_by_itself(before + character * 60)

    assert len(words) > 2
    assert all(word.removeprefix(before).replace(character, "") == "" for word in words)


def test_the_shorter_of_two_ways_is_taken() -> None:
    """A few accents leave a text readable, and Chinese never was."""
    assert encoded_words("Grüße aus dem Norden", 0) == "=?utf-8?Q?Gr=C3=BC=C3=9Fe_aus_dem_Norden?="
    assert encoded_words("你好", 0) == "=?utf-8?B?5L2g5aW9?="


def test_a_heap_of_accents_is_cut_all_the_same() -> None:
    """A character without end would be a word without end."""
    assert "".join(each_by_itself("a" + "\u0301" * 500)) == "a" + "\u0301" * 500
