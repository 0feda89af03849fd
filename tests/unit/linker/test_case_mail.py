"""Which case mail to a group account belongs to: the rules, one row each."""

from typing import Any

from courrier.events.base import Evidence, RecordRef
from courrier.events.families.email import Link
from courrier.linker.domain.case_mail import (
    Ask,
    Attach,
    Candidate,
    CaseMail,
    Claimed,
    Wait,
    Writer,
    number_in,
    verdict_on,
    with_case,
)

CASE = RecordRef(type="case", id="k7")
OTHER_CASE = RecordRef(type="case", id="k8")
COMPANY = RecordRef(type="account", id="co1")
ADA = Writer(frozenset({("contact", "c1"), ("account", "co1")}))
STRANGER = Writer()
OTHER_CUSTOMER = Writer(frozenset({("contact", "c9"), ("account", "co9")}))
FORGED = Writer(ADA.customers, verdict="fail")
COLLEAGUE = Writer(is_ours=True, verdict="pass")
WOULD_BE_COLLEAGUE = Writer(is_ours=True)
OURS = Candidate(CASE, customers=frozenset({("account", "co1")}))
NOBODYS = Candidate(CASE)
PARTY = Candidate(CASE, is_party=True)
PROVEN = Candidate(CASE, is_proven=True, customers=frozenset({("account", "co1")}))
EARLIER = Claimed("t1", "e0", "r0", 5, is_opened=True, is_settled=True, case=CASE)

Row = tuple[str, dict[str, Any], Writer, str]


def claimed(**changes: Any) -> Claimed:
    """This e-mail's own request, under its conversation's name."""
    return Claimed("t1", "e1", "r1", 9, **changes)


ROWS: tuple[Row, ...] = (
    ("the first of a conversation opens one", {}, ADA, "ask t1 0"),
    ("whoever writes it", {}, STRANGER, "ask t1 0"),
    ("it waits for the gateway", {"claimed": (claimed(),)}, ADA, "wait"),
    (
        "then it is linked",
        {"claimed": (claimed(is_opened=True, case=CASE, number=7),)},
        ADA,
        "k7 case-opened #7",
    ),
    (
        "a case that is gone is asked for again, behind the first request",
        {"claimed": (claimed(is_opened=True),)},
        ADA,
        "ask t1 9",
    ),
    ("later ones join", {"of_thread": OURS}, ADA, "k7 case-of-thread t1"),
    ("from people nobody knows, too", {"of_thread": OURS}, STRANGER, "k7 case-of-thread t1"),
    ("and where the case is nobody's", {"of_thread": NOBODYS}, ADA, "k7 case-of-thread t1"),
    ("a colleague's, too", {"of_thread": OURS}, COLLEAGUE, "k7 case-of-thread t1"),
    ("another customer's opens their own", {"of_thread": OURS}, OTHER_CUSTOMER, "ask t1 0"),
    (
        "under a name of its own, where the conversation's is taken",
        {"of_thread": OURS, "claimed": (EARLIER,)},
        OTHER_CUSTOMER,
        "ask e1 0",
    ),
    (
        "unless it answers us beyond doubt",
        {"of_thread": PROVEN},
        OTHER_CUSTOMER,
        "k7 case-of-thread t1",
    ),
    ("or was written to before", {"of_thread": PARTY}, OTHER_CUSTOMER, "k7 case-of-thread t1"),
    (
        "while another one's case is being opened it waits",
        {"claimed": (Claimed("t1", "e0", "r0", 5),)},
        ADA,
        "wait",
    ),
    (
        "and until that is linked",
        {"claimed": (Claimed("t1", "e0", "r0", 5, is_opened=True, case=CASE),)},
        ADA,
        "wait",
    ),
    (
        "where somebody took the case away from it, it has one of its own",
        {"claimed": (EARLIER,)},
        ADA,
        "ask e1 0",
    ),
    ("a number finds the case of its customer", {"of_number": OURS}, ADA, "k7 case-number #7"),
    ("or of whoever is in it", {"of_number": PARTY}, STRANGER, "k7 case-number #7"),
    ("anybody else's opens their own", {"of_number": OURS}, STRANGER, "ask t1 0"),
    ("another customer's, too", {"of_number": OURS}, OTHER_CUSTOMER, "ask t1 0"),
    ("and a forged one's", {"of_number": OURS}, FORGED, "ask t1 0"),
    ("even of a party", {"of_number": PARTY}, FORGED, "ask t1 0"),
    ("a case of nobody is nobody's to name", {"of_number": NOBODYS}, ADA, "ask t1 0"),
    ("a colleague may name any", {"of_number": OURS}, COLLEAGUE, "k7 case-number #7"),
    ("who is proven to be one", {"of_number": OURS}, WOULD_BE_COLLEAGUE, "ask t1 0"),
    (
        "the conversation goes before the number",
        {"of_thread": OURS, "of_number": Candidate(OTHER_CASE, is_party=True)},
        ADA,
        "k7 case-of-thread t1",
    ),
)


def told(mail: CaseMail, writer: Writer) -> str:
    """What becomes of it, in short."""
    match verdict_on(mail, writer):
        case Attach(case, because):
            return f"{case.id} {because.rule} {because.value}"
        case Ask(claim, _, expected):
            return f"ask {claim} {expected}"
        case Wait():
            return "wait"


def test_mail_finds_its_case_or_opens_one() -> None:
    """And nobody gets into another customer's."""
    found = [
        (words, told(CaseMail("e1", "t1", number=7, **known), writer))
        for words, known, writer, _ in ROWS
    ]

    assert [(words, wanted) for words, _, _, wanted in ROWS] == found


def test_the_number_stands_in_the_subject() -> None:
    """As a tag, and nowhere else."""
    rows = {
        "Re: [#7] The lamp": 7,
        "[#123 Example Ltd] The lamp": 123,
        "Re: [list] [#9] The lamp": 9,
        "The lamp #7": None,
        "[7] The lamp": None,
        "[#x7] The lamp": None,
        "[#1234567890123456] The lamp": None,
        "": None,
    }

    assert rows == {subject: number_in(subject) for subject in rows}
    assert number_in(None) is None


def test_a_case_is_what_people_see_first() -> None:
    """Who wrote it stays linked beside."""
    because = Evidence(rule="case-opened")
    account = Link(record=COMPANY, parent=True, reason=because)

    found = with_case((account,), CASE, because)

    assert [(CASE, True), (COMPANY, False)] == [(link.record, link.parent) for link in found]
