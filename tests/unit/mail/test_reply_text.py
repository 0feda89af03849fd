# ruff: noqa: RUF001 (words of other alphabets are the point)
import pytest

from courrier.mail.reply_text import reply_text

QUOTED = "> Does it suit you?\n> Ann\n"
INTRODUCTIONS = [
    "On Mon, 6 Jan 2025 at 09:12, Ann <ann@b.example> wrote:",
    "On 06/01/2025 09:12, Ann wrote:",
    "Le lun. 6 janv. 2025 à 09:12, Zoé <z@b.example> a écrit :",
    "Am 06.01.2025 um 09:12 schrieb Jürgen <j@b.example>:",
    "El lun, 6 ene 2025 a las 9:12, Eva (<eva@b.example>) escribió:",
    "Il giorno lun 6 gen 2025 alle ore 09:12 Eva <eva@b.example> ha scritto:",
    "Em seg., 6 de jan. de 2025 às 09:12, Rui <rui@b.example> escreveu:",
    "Op ma 6 jan 2025 om 09:12 schreef Jan <jan@b.example>:",
    "pon., 6 sty 2025 o 09:12 Jan <jan@b.example> napisał(a):",
    "пн, 6 янв. 2025 г. в 09:12, Иван <ivan@b.example>:",
    "2025年1月6日(月) 9:12 田中 <tanaka@b.example>:",
    "在 2025年1月6日,王伟 <wang@b.example> 写道:",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_a_quotation_goes_with_its_introduction(introduction: str) -> None:
    """Only the answer is new."""
    assert reply_text(f"Yes.\n\n{introduction}\n\n{QUOTED}") == "Yes."


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_a_quotation_without_marks_goes_too(introduction: str) -> None:
    """Some clients mark an earlier message by its introduction only."""
    assert reply_text(f"Yes.\n\n{introduction}\nDoes it suit you?\n") == "Yes."


@pytest.mark.parametrize(
    "ending",
    [
        "-- \nAnn\nCEO",
        "Best regards,\nAnn",
        "Cordialement\nZoé\n01 23 45 67 89",
        "Mit freundlichen Grüßen\n\nJürgen",
        "Saludos,\nEva",
        "Sent from my iPhone",
        "Envoyé de mon iPhone",
        "Von meinem iPad gesendet",
        "Get Outlook for iOS",
        "Enviado desde mi iPhone",
        "Met vriendelijke groet,\nJan",
        "С уважением,\nИван",
    ],
)
def test_an_ending_is_not_part_of_what_was_said(ending: str) -> None:
    """Signatures, closing formulas and advertisements of phones."""
    assert reply_text(f"It suits me.\n\n{ending}\n") == "It suits me."


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
    ],
)
def test_a_text_without_quotation_and_signature_comes_back_whole(text: str) -> None:
    """In doubt the words of a customer are kept."""
    assert reply_text(text) == text


def test_answers_between_quoted_lines_are_kept() -> None:
    """What was said stays in its order."""
    assert reply_text("> One?\nYes.\n> Two?\nNo.\n") == "Yes.\nNo."


def test_what_is_below_an_original_message_goes() -> None:
    """Outlook puts a header block above the earlier message, in the language of its user."""
    text = "Ja.\n\nVon: Ann\nGesendet: Montag\nAn: Bob\nBetreff: Plan\n\nPasst es?\n"

    assert reply_text(text) == "Ja."
