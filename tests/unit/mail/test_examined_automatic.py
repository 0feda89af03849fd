"""What makes a message automatic, and what does not."""

import pytest

from courrier.mail.parse import parse
from courrier.mail.to_json import to_json


@pytest.mark.parametrize(
    ("header", "name", "expected"),
    [
        (b"Auto-Submitted: auto-replied", "auto_reply", True),
        (b"Auto-Submitted: auto-replied (vacation)", "auto_reply", True),
        (b"Auto-Submitted: auto-generated", "auto_reply", True),
        (b'Auto-Submitted: auto-notified; owner-email="x@y.example"', "auto_reply", True),
        (b"Auto-Submitted: no", "auto_reply", False),
        (b"Auto-Submitted: No (a person)", "auto_reply", False),
        (b"Auto-Submitted: auto-forwarded", "auto_reply", False),
        (b"Precedence: auto_reply", "auto_reply", True),
        (b"Precedence: bulk\r\nList-Id: <x.y.example>\r\nSubject: News", "auto_reply", False),
        (b"Precedence: list\r\nSubject: Re: hello", "auto_reply", False),
        (b"X-Autoreply: yes", "auto_reply", True),
        (b"X-Autorespond: subj", "auto_reply", True),
        (b"Subject: Out of Office: Budget", "auto_reply", True),
        (b"Subject: Automatic reply: Budget", "auto_reply", True),
        (b"Subject: Automatische Antwort: Angebot", "auto_reply", True),
        (b"Subject: Abwesenheitsnotiz: Angebot", "auto_reply", True),
        (b"Subject: =?utf-8?Q?R=C3=A9ponse_automatique=3A_Devis?=", "auto_reply", True),
        (b"Subject: Respuesta =?utf-8?Q?autom=C3=A1tica=3A?= Hola", "auto_reply", True),
        (b"Subject: How do I set an out of office message in Outlook?", "auto_reply", False),
        (b"Subject: I am out of office supplies", "auto_reply", False),
        (b"Subject: Vacation plans", "auto_reply", False),
        (b"Subject: Re: Automatic replies in Exchange 2019", "auto_reply", False),
    ],
)
def test_machines_are_told_from_people(header: bytes, name: str, expected: object) -> None:
    """Written down from the standards before our reading of them was looked at."""
    read = to_json(parse(header + b"\r\n\r\nbody\r\n", with_html=False))

    assert expected == read[name]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Jane Doe is out of the office.", True),
        ("Max Müller ist außer Haus.", True),
        ("Jean Dupont est absent(e).", True),
        ("Juan García está ausente de la oficina.", True),
        ("Mario Rossi è fuori ufficio.", True),
        ("Jan de Vries is niet op kantoor.", True),
        ("Max ist außer Haus, wer geht ans Telefon?", False),
        ("Marie est absente", False),
        ("Le directeur est absent et la réunion est reportée.", False),
    ],
)
def test_notes_of_absence_that_domino_sends_are_automatic(subject: str, expected: object) -> None:
    """A name, the same few words in the language of the office, and a full stop."""
    read = parse(b"Subject: " + subject.encode() + b"\r\n\r\nx", with_html=False)

    assert expected == read.auto_reply
