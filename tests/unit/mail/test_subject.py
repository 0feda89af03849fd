# ruff: noqa: RUF001 (subjects stand as mail programs write them)
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.mail.headers.subject import base_subject, is_forward, is_reply
from courrier.mail.headers.subject_prefixes import FORWARD, REPLY
from courrier.mail.writing.replying import forward_subject, reply_subject

PLAN = [
    # RFC 5256 section 2.1, rule by rule
    "Plan", " Plan ", "Re: Plan", "RE:Plan", "re : Plan", "Fw: Plan", "FWD:  Plan", "Re: Re: Plan",
    "Re: Fwd: RE: fw: Plan", "Plan (fwd)", "Plan (FWD) (fwd)", "Re: Plan (fwd)", "[Fwd: Plan]",
    "[fwd: Re: Plan]", "Re: [Fwd: Plan (fwd)]", "[team] Plan", "Re: [team] Plan", "[team] Re: Plan",
    "[a] [b] Re: Plan", "[a][b]Plan", "[team] Re: [team] Plan", "Re [team]: Plan", "Re[team]: Plan",
    "[Fw: Plan]", "[Fwd: [team] Plan]",
    # counts
    "Re[2]: Plan", "Re [2]: Plan", "Re(3): Plan", "RE (3): Plan", "Re^4: Plan", "Re*2: Plan",
    "Re2: Plan", "Re 2: Plan", "AW-2: Plan", "Re[2]: Re[3]: Fwd[4]: Plan",
    # languages
    "AW: Plan", "Antwort: Plan", "Antw.: Plan", "WG: Plan", "Wtrlt: Plan", "AW: WG: AW: Plan",
    "Réf. : Plan", "Rép : Plan", "RÉP: Plan", "TR: Plan", "Re : TR : Plan", "R: Plan", "I: Plan",
    "Rif: R: I: Plan", "RES: Plan", "ENC: Plan", "Resp.: Plan", "RV: Plan", "Reenv: Plan",
    "SV: Plan", "VS: Plan", "VB: Plan", "VL: Plan", "SV: VS: SV: Plan", "Odp: Plan", "PD: Plan",
    "Odp.: Plan", "Odg: Plan", "Prosl: Plan", "Přep: Plan", "VÁ: Plan", "Továbbítás: Plan",
    "YNT: Plan", "İLT: Plan", "ilt: Plan", "İlt: YNT: Plan", "ATB: Plan", "YML: Plan", "Ats: Plan",
    "Răsp: Plan", "ΑΠ: Plan", "ΠΡΘ: Plan", "Σχετ: Plan", "Отв: Plan", "Ответ: Plan", "НА: Plan",
    "HA: Plan", "Пересл: Plan", "Відп: Plan", "Отг: Plan", "Одг: Plan", "השב: Plan", "הועבר: Plan",
    "رد: Plan", "إعادة توجيه: Plan", "پاسخ: Plan", "Bls: Plan", "Trs: Plan", "Trả lời: Plan",
    "Chuyển tiếp: Plan", "ตอบ: Plan", "ส่งต่อ: Plan", "回复: Plan", "回复：Plan", "答复: Plan",
    "回覆: Plan", "转发: Plan", "轉寄: Plan", "返信: Plan", "転送: Plan", "Re：Plan", "회신: Plan",
    "답장: Plan", "전달: Plan", "ＲＥ：Plan", "Betr.: Plan", "Doorst: Plan", "Edasi: Plan",
    # what programs put around
    "\u200fRe: Plan", "\u202aRe:\u202c Plan", "Re:\u00a0Plan", "Re:\tPlan", "Re:\r\n Plan",
    "[SPAM] Re: Plan", "***SPAM*** Plan", "*****SPAM***** Re: Plan", "{Spam?} Plan",
    "Re: [EXTERNAL] Plan", "[EXT] Re: [team] Plan",
    # forms and cases of the word itself
    "PLAN", "plan",
]  # fmt: skip


@pytest.mark.parametrize("subject", PLAN)
def test_answers_and_forwards_share_the_base_subject(subject: str) -> None:
    """RFC 5256 section 2.1, and what the mail programs of many countries write."""
    assert base_subject(subject) == "plan"


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("", ""),
        ("Re:", ""),
        ("Re: Fwd: ", ""),
        ("Re: (fwd)", ""),
        ("[Fwd: ]", ""),
        ("[team]", "[team]"),
        ("Re: [team]", "[team]"),
        ("Re: [team] [plan]", "[plan]"),
        ("[team] Re:", ""),
        ("Report: Plan", "report: plan"),
        ("Re Plan", "re plan"),
        ("Remember: Plan", "remember: plan"),
        ("Plan: Re: B", "plan: re: b"),
        ("Plan [draft]", "plan [draft]"),
        ("Plan (fwd) B", "plan (fwd) b"),
        ("A: Plan", "a: plan"),
        ("Iran: Plan", "iran: plan"),
        ("2: Plan", "2: plan"),
        ("Warsaw: Plan", "warsaw: plan"),
        ("Re:view", "view"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Cafe\u0301", "café"),
        ("a \t b", "a b"),
        ("Automatic reply: Plan", "automatic reply: plan"),
        ("Accepted: Plan", "accepted: plan"),
    ],
)
def test_what_a_person_wrote_stays(subject: str, base: str) -> None:
    """A word that only looks like a prefix is the subject's own."""
    assert base_subject(subject) == base


@given(
    st.text(max_size=60), st.lists(st.sampled_from(("Re: ", "FW: ", "AW: ", "[a] ")), max_size=8)
)
def test_the_base_subject_has_no_more_to_lose(subject: str, prefixes: list[str]) -> None:
    """Whatever was put before it, a base subject is its own base."""
    base = base_subject("".join(prefixes) + subject)

    assert base_subject(base) == base


@pytest.mark.parametrize("word", [*REPLY, *FORWARD])
def test_every_word_is_known_in_every_case(word: str) -> None:
    """Programs write them in capitals, with a capital, and small."""
    written = {word, word.upper(), word.capitalize()}

    assert {base_subject(f"{each}: Plan") for each in written} == {"plan"}


@pytest.mark.parametrize("word", [*REPLY, *FORWARD])
def test_a_word_is_an_answers_or_a_forwards(word: str) -> None:
    """No word is both, so that an answer to a forward says that it is one."""
    assert is_reply(f"{word}: x") != is_forward(f"{word}: x")


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Plan", "Re: Plan"),
        ("Re: Plan", "Re: Plan"),
        ("RE: Plan", "RE: Plan"),
        ("re:Plan", "re:Plan"),
        ("Re[2]: Plan", "Re[2]: Plan"),
        ("AW: Plan", "AW: Plan"),
        ("SV: SV: Plan", "SV: SV: Plan"),
        ("回复：Plan", "回复：Plan"),
        ("[team] Re: Plan", "[team] Re: Plan"),
        ("[team] Plan", "Re: [team] Plan"),
        ("RE: FW: Plan", "RE: FW: Plan"),
        ("FW: Plan", "Re: FW: Plan"),
        ("WG: AW: Plan", "Re: WG: AW: Plan"),
        (" a \r\n b ", "Re: a b"),
        ("", "Re:"),
        (None, "Re:"),
    ],
)
def test_an_answer_says_so_once(subject: str | None, answer: str) -> None:
    """However often the thread went to and fro, and in whatever language."""
    assert reply_subject(subject) == answer


@pytest.mark.parametrize(
    ("subject", "forward"),
    [
        ("Plan", "Fwd: Plan"),
        ("Re: Plan", "Fwd: Re: Plan"),
        ("Fwd: Plan", "Fwd: Plan"),
        ("TR: Plan", "TR: Plan"),
        ("[team] FW: Plan", "[team] FW: Plan"),
        ("Re: FW: Plan", "Fwd: Re: FW: Plan"),
        (None, "Fwd:"),
    ],
)
def test_a_forward_says_so_once(subject: str | None, forward: str) -> None:
    """As with answers."""
    assert forward_subject(subject) == forward
