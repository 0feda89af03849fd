import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.mail.message import Mailbox
from courrier.mail.replies.devices import ADVERTISEMENTS
from courrier.mail.replies.reply_text import reply_text
from support.ordinary_texts import ORDINARY
from support.reply_endings import ENDINGS
from support.reply_forms import BLOCKS, INTRODUCTIONS, LABELS, TITLES
from support.reply_quotations import QUOTATIONS

QUOTED = "> Does Tuesday suit you? We could meet at 10:00.\n>\n> Best regards,\n> Bob\n"
UNMARKED = "Does Tuesday suit you? We could meet at 10:00.\n\nBest regards,\nBob\n"
ANSWER = "Yes, let's say 10:30.\nFrom: what I know, On Monday all is well:\n\n1. one\n2. two"
WITHOUT_DATE = {"gmail-ancient", "usenet-user", "tb-addr", "tb-noname", "according"}


@pytest.mark.parametrize("form", INTRODUCTIONS)
def test_a_quotation_goes_with_its_introduction(form: str) -> None:
    """Only the answer above it is new."""
    text = f"{ANSWER}\n\n{INTRODUCTIONS[form]}\n\n{QUOTED}"

    assert ANSWER == reply_text(text)


@pytest.mark.parametrize("form", INTRODUCTIONS)
def test_an_introduction_needs_no_empty_line(form: str) -> None:
    """The last lines of the answer are not taken for its first."""
    text = f"{ANSWER}\n{INTRODUCTIONS[form]}\n{QUOTED}"

    assert ANSWER == reply_text(text)


@pytest.mark.parametrize("form", INTRODUCTIONS)
def test_an_answer_below_a_quotation_is_kept(form: str) -> None:
    """Many answer below what they quote."""
    text = f"{INTRODUCTIONS[form]}\n{QUOTED}\n{ANSWER}\n"

    assert ANSWER == reply_text(text)


@pytest.mark.parametrize(
    "form",
    [
        form
        for form, line in INTRODUCTIONS.items()
        if "@" in line and line[0] != ">" and form not in WITHOUT_DATE
    ],
)
def test_a_quotation_without_marks_goes_too(form: str) -> None:
    """A date, an address and a final colon are enough where no line is marked."""
    text = f"{ANSWER}\n\n{INTRODUCTIONS[form]}\n\n{UNMARKED}"

    assert ANSWER == reply_text(text)


def head(form: str, *, mark: str = "", cc: bool = True) -> str:
    """Header lines in the words of a language."""
    values = ["Bob <bob@example.com>", "Monday, January 12, 2026 10:11 AM"]
    values += [
        "Ann <ann@example.com>",
        "Carl <carl@example.com>;\n Dora <dora@example.com>",
        "Plan",
    ]
    pairs = zip(LABELS[form], values, strict=True)
    return "\n".join(
        f"{mark}{label}:{mark} {value}" for at, (label, value) in enumerate(pairs) if cc or at != 3
    )


@pytest.mark.parametrize("form", LABELS)
@pytest.mark.parametrize("rule", ["", "________________________________\n", "-" * 40 + "\n"])
@pytest.mark.parametrize(("mark", "cc"), [("", True), ("*", True), ("", False)])
def test_what_is_below_header_lines_goes(form: str, rule: str, mark: str, *, cc: bool) -> None:
    """Outlook puts the header of the earlier message above it, in the language of its user."""
    text = f"{ANSWER}\n\n{rule}{head(form, mark=mark, cc=cc)}\n\n{UNMARKED}"

    assert ANSWER == reply_text(text)


@pytest.mark.parametrize("form", TITLES)
@pytest.mark.parametrize("below", ["\n", "\n\n"])
def test_what_is_below_a_title_goes(form: str, below: str) -> None:
    """`Original Message` in many languages, also in one that is not known."""
    text = f"{ANSWER}\n\n{TITLES[form]}{below}{head('en')}\n\n{UNMARKED}"

    assert ANSWER == reply_text(text)


@pytest.mark.parametrize("form", BLOCKS)
def test_other_heads_of_earlier_messages_are_known(form: str) -> None:
    """Hotmail, Notes, phones, help desks and others."""
    text = f"{ANSWER}\n\n{BLOCKS[form]}\n\n{UNMARKED}"

    assert ANSWER == reply_text(text)


@pytest.mark.parametrize("form", ENDINGS)
@pytest.mark.parametrize("below", ["", f"\n{INTRODUCTIONS['gmail-us']}\n{QUOTED}"])
def test_an_ending_is_not_part_of_what_was_said(form: str, below: str) -> None:
    """Signatures, closing formulas, disclaimers, advertisements and lines of telephones."""
    text, new = ENDINGS[form]

    assert new.rstrip() == reply_text(f"{text}\n{below}").rstrip()


@pytest.mark.parametrize("form", QUOTATIONS)
def test_quotations_of_many_programs_go(form: str) -> None:
    """Of phones, lists, forums, help desks and Usenet, with what they add."""
    text, new = QUOTATIONS[form]

    assert new == reply_text(text)


@pytest.mark.parametrize("form", ORDINARY)
def test_an_ordinary_text_comes_back_whole(form: str) -> None:
    """Lists, tables, code, logs, forms and prose that look a little like mail."""
    text = ORDINARY[form]

    assert text == reply_text(text)


def test_answers_between_quoted_lines_are_kept() -> None:
    """What was said stays in its order, an empty line where one stood."""
    assert reply_text("> One?\nYes.\n> Two?\nNo.\n") == "Yes.\nNo."
    assert reply_text("> One?\n\nYes.\n\n> Two?\n\nNo.\n") == "Yes.\n\nNo."


def test_lines_quoted_below_header_lines_may_be_answered_below() -> None:
    """Header lines above quote marks introduce only these."""
    text = f"Above.\n\n-----Original Message-----\n{head('en')}\n\n{QUOTED}\nBelow.\n"

    assert reply_text(text) == "Above.\n\nBelow."


@pytest.mark.parametrize(
    "text",
    [
        "It suits me.\n",
        "Thanks!\n",
        "Thanks,\nAnn\n",
        "He wrote:\nnothing new.\n",
        "From: the top\nof the hill\n",
        "I am best\nat this. " + "And I go on for quite a while about it. " * 4 + "\n",
        ">From here on\n",
        "- one\n- two\n",
        "-----Plan-----\nWe meet.\n",
        ">>> 1 + 1\n2\n>>> x\n",
        "Options:\nBest\nWorst\n",
        "On 5 January 2025 our lawyer wrote:\n\nWe accept.\n",
        "Sent from my desk, this is easier than by telephone.\nAll is well.\n",
        "From: London\nTo: Paris\n\nTwo seats, please.\n",
        f"The bounce says:\n\n{head('en')}\n\nWhat is that?\n",
        f"{head('en')}\n\nAn inner message without a word above.\n",
        "Please call:\n\nBob Miller\n+1 555 123 4567\nbob@example.com\n",
        "| a | b |\n| 1 | 2 |\n",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
    ],
)
def test_a_text_without_quotation_and_signature_comes_back_whole(text: str) -> None:
    """In doubt the words of a customer are kept."""
    assert text == reply_text(text)


def test_the_name_of_the_author_signs() -> None:
    """A last line that is the name of From is no part of what was said; another name is."""
    text = "Hi Bob,\n\nyes.\n\nann\n"

    assert reply_text(text, Mailbox("Ann Smith", "a@example.com")) == "Hi Bob,\n\nyes."
    assert reply_text(text, Mailbox(None, "ann.smith@example.com")) == "Hi Bob,\n\nyes."
    assert text == reply_text(text, Mailbox("Carl", "c@example.com"))


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Two.\n\nAnn Smith\nann@b.example\nDept. of Things\n", "Two."),
        ("Two.\n\n    Ann Smith | ann@b.example\n    (555) 123-4567\n", "Two."),
        ("Two.\n\nann@b.example (Ann Smith)\nThings Ltd\n", "Two."),
        ("Hi Bob,\n\nThanks!\n\nAnn\n", "Hi Bob,\n\nThanks!"),
        ("Two.\n\nLiebe Grüße von Ann\n", "Two."),
        ("Two.\n\nPlease write to me: ann@b.example\n", None),
        ("My address is:\n\nann@b.example\n", None),
        ("Who is it?\n\nAnn\nor Bob?\n", None),
        ("Two. Ann\n", None),
        ("Ann\n", None),
    ],
)
def test_the_author_is_known_by_name_and_address(text: str, new: str | None) -> None:
    """Where a signature begins without a delimiter; what only mentions the author stays."""
    assert (text if new is None else new) == reply_text(text, Mailbox("Ann Smith", "ann@b.example"))


LINES = st.sampled_from(
    (
        *(*INTRODUCTIONS.values(), *BLOCKS.values(), "> x", "a", "", " ", "-- ", "--", "Thanks"),
        *("Best regards,", "Sent from my iPhone", ">", "_____", "a:", "-a", "To: x", "Ann", "> a"),
    )
)


@pytest.mark.parametrize("advertisement", sorted(ADVERTISEMENTS))
def test_what_services_append_is_no_answer(advertisement: str) -> None:
    """A last paragraph of it goes, whichever of them it is."""
    text = f"Yes, let's say 10:30.\n\nxx {advertisement} xx"

    assert reply_text(text) == "Yes, let's say 10:30."


@given(lines=st.lists(LINES | st.text(max_size=20), max_size=30))
def test_nothing_is_added_or_reordered(lines: list[str]) -> None:
    """The lines of the result stand in the text, in this order; blanks at its end may go."""
    text = "\n".join(lines)
    rest = iter([*map(str.rstrip, text.split("\n")), ""])

    new = reply_text(text).split("\n")

    assert all(line.rstrip() in rest for line in new if line.strip())
