import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from courrier.mail.parse import summarise

FILES = sorted((Path(__file__).parents[2] / "corpus" / "bounces").glob("*.txt"))


@dataclass(slots=True)
class Case:
    """A message of the corpus and what must be read from it; no recipients: no bounce."""

    name: str
    raw: bytes
    recipients: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)


def read_cases() -> list[Case]:
    """Every case of every file: `@@ name`, lines of `@ fact value`, and the message as it is."""
    return [
        read_case(path.stem, text)
        for path in FILES
        for text in re.split(r"^@@ ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]
    ]


def read_case(family: str, text: str) -> Case:
    """`@ hard gone@example.com 5.1.1` is a recipient; the worst kind is that of the bounce."""
    name, _, rest = text.partition("\n")
    case = Case(f"{family}: {name}", b"")
    lines = rest.split("\n")
    while lines[0].startswith("@ "):
        word, value, *more = [*lines.pop(0)[2:].split(), ""]
        if word in {"hard", "soft", "unknown"}:
            case.recipients[value] = (word, None if more[0] == "-" else more[0])
        else:
            case.facts[word] = value
    case.raw = "\n".join(lines).encode("utf-8")
    return case


CASES = read_cases()
BOUNCES = [case for case in CASES if case.recipients or "kind" in case.facts]
OTHERS = [case for case in CASES if case not in BOUNCES]


@pytest.mark.parametrize("case", BOUNCES, ids=lambda case: case.name)
def test_a_bounce_says_whom_it_did_not_reach(case: Case) -> None:
    """Recipients, enhanced codes, kind and original id of each server's form."""
    bounce = summarise(case.raw).bounce

    assert bounce is not None
    assert {key: code for key, (_, code) in case.recipients.items()} == {
        each.address: each.status for each in bounce.recipients
    }
    kinds = {kind for kind, _ in case.recipients.values()}
    expected = "hard" if "hard" in kinds else next(iter(kinds), case.facts.get("kind"))
    assert expected == bounce.kind
    if "id" in case.facts:
        assert case.facts["id"] == bounce.original_message_id
    if "action" in case.facts:
        assert {case.facts["action"]} == {each.action for each in bounce.recipients}


@pytest.mark.parametrize("case", OTHERS, ids=lambda case: case.name)
def test_what_is_no_bounce_is_taken_for_none(case: Case) -> None:
    """Ordinary mail about failures, lists, answers by machines, receipts, complaints."""
    summary = summarise(case.raw)

    assert summary.bounce is None
    if "auto" in case.facts:
        assert case.facts["auto"] == (summary.auto_reply_kind or "-")
