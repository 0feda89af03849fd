import pytest

from courrier.mail.reports.bounce_kind import answer_status, kind_of, specific_status

ANSWERS = """
hard 5.1.1 550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces
hard 5.1.1 550 #5.1.1 Recipient not found.
hard 5.1.1 550 5.1.1 unknown or illegal alias: gone@example.com
hard 5.1.1 550 5.1.1 Adresse d'au moins un destinataire invalide. Invalid recipient
hard 5.5.0 550 5.5.0 Requested action not taken: mailbox unavailable
hard 5.4.1 550 5.4.1 Recipient address rejected: Access denied. AS(201806281)
hard 5.7.1 550 5.7.1 <gone@example.com>: Recipient address rejected: User unknown in relay recipient table
hard 5.2.1 550 5.2.1 user unknown
hard 5.3.0 550 5.3.0 <gone@example.com>... No such user here
hard 5.0.0 550 5.0.0 Recipient unknown
hard 5.1.0 550 5.1.0 Address rejected gone@example.com
hard 5.1.2 5.1.2 Host unknown
hard 5.4.4 Host or domain name not found. Name service error for name=nowhere.example type=A: Host not found
hard 5.4.310 550 5.4.310 DNS domain nowhere.example does not exist
hard 5.1.10 556 5.1.10 Domain nomail.example does not accept mail (nullMX)
hard 5.1.6 551 5.1.6 User has moved
hard - 550 User unknown
hard - 550 No such user here
hard - 550 Mailbox not found
hard - 550 Invalid Recipient - see our web site
hard - 554 delivery error: dd This user doesn't have an example.com account (gone@example.com) [0]
hard - 550 Requested action not taken: mailbox unavailable
hard - 550 gone@example.com is not a valid mailbox
hard - 550 This address no longer accepts mail
hard - 550 Address unknown
hard - 550 sorry, no mailbox here by that name
hard - Sorry, I couldn't find any host named nowhere.example.
hard - all relevant MX records point to non-existent hosts
hard - unrouteable address
hard - an MX or SRV record indicated no SMTP service
hard - 553 sorry, that domain isn't in my list of allowed rcpthosts; no such user
hard - User gone (gone@example.com) not listed in Domino Directory
hard - Der Empfänger ist unbekannt
hard - Utilisateur inconnu
hard - El usuario no existe
hard - 用户不存在
hard - 宛先のユーザーは存在しません
soft 5.2.2 552 5.2.2 The email account that you tried to reach is over quota
soft 5.2.2 5.2.2 mailbox full
soft 5.1.1 550 5.1.1 mailbox full, user unknown to have space
soft 5.2.3 552 5.2.3 Message exceeds maximum fixed size
soft 5.3.4 552 5.3.4 Message size exceeds fixed limit
soft 5.2.1 550 5.2.1 The email account that you tried to reach is disabled
soft 5.2.1 550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered
soft 5.7.1 554 5.7.1 <other@example.com>: Relay access denied
soft 5.7.1 550 5.7.1 Message rejected as spam by content filter
soft 5.7.26 550 5.7.26 This mail has been blocked because the sender is unauthenticated
soft 5.7.27 550 5.7.27 Sender address has null MX
soft 5.7.515 550 5.7.515 Access denied, sending domain does not meet the required authentication level
soft 5.4.5 550 5.4.5 Daily user sending limit exceeded
soft 5.4.6 554 5.4.6 Too many hops
soft 5.4.7 5.4.7 Delivery expired (message too old)
soft 5.4.1 5.4.1 No answer from host
soft 5.4.312 550 5.4.312 Message expired, DNS query failed
soft 5.1.8 553 5.1.8 Domain of sender address does not exist
soft 5.1.7 550 5.1.7 Invalid sender address
soft 5.6.0 550 5.6.0 Lone CR or LF in headers
soft 5.1.1 550 5.1.1 Message blocked as spam
soft 4.4.1 connect to mx.example.com: Connection timed out
soft 4.7.1 450 4.7.1 Greylisted, try again in 5 minutes
soft 4.1.1 450 4.1.1 user unknown, but try again later
soft - 552 Requested mail action aborted: exceeded storage allocation; quota exceeded
soft - 452 Too many recipients received this hour
soft - 421 Service not available, closing transmission channel
soft - 554 Sorry, your message cannot be delivered. This mailbox is disabled (554.30).
soft - 550 Account suspended
soft - 550 Message refused by policy
soft - 554 Service unavailable; Client host [192.0.2.9] blocked using a block list
soft - retry timeout exceeded
soft - Connection refused
soft - 550 Maximum line length exceeded
soft - 550 relay not permitted
soft - user is over quota
soft - Das Postfach ist voll
soft - La boîte du destinataire est pleine
soft - 对方邮箱已满
unknown - The delivery did not succeed
""".strip().splitlines()  # noqa: E501 (answers stand as servers write them)


@pytest.mark.parametrize("line", ANSWERS)
def test_an_answer_tells_whether_an_address_is_dead(line: str) -> None:
    """Hard: no such user or host, moved, accepts no mail at all. Everything else may pass."""
    kind, code, answer = line.split(" ", 2)

    assert kind == kind_of(None if code == "-" else code, "failed", answer)


@pytest.mark.parametrize("line", [each for each in ANSWERS if " 5.1.1 550" in each])
def test_a_delay_is_never_hard(line: str) -> None:
    """The server still tries."""
    assert "soft" == kind_of("4.1.1", "delayed", line)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("550 5.1.1 unknown", "5.1.1"),
        ("550-5.1.1 a 550 5.1.1 b", "5.1.1"),
        ("smtp;550 5.7.515 x", "5.7.515"),
        ("(#5.1.1)", "5.1.1"),
        ("5.0.0 and then 550 5.2.2 full", "5.2.2"),
        ("550 5.11.12 odd", "5.11.12"),
        ("<mx.example #5.1.1 smtp;550 5.1.1 unknown>", "5.1.1"),
        ("connect to 5.1.1.1: refused", None),
        ("host 192.5.1.1 said no", None),
        ("Exim 4.94.2, Linux 5.10.0, version 5.1.1.4", None),
        ("250 2.1.5 ok", None),
        ("550 no code", None),
        ("", None),
    ],
)
def test_codes_are_told_from_addresses_and_versions(text: str, code: str | None) -> None:
    """RFC 3463 section 2: class, subject, detail, each of up to three digits."""
    assert code == answer_status(text)


@pytest.mark.parametrize(
    ("field", "answer", "code"),
    [
        ("5.1.1 (bad destination mailbox address)", "550 5.7.1 x", "5.1.1"),
        ("5.0.0", "550 5.1.1 x", "5.1.1"),
        ("5.1.0", "550 5.1.1 x", "5.1.1"),
        ("550", "550 5.1.1 x", "5.1.1"),
        ("", "550 x", None),
        (None, "550 5.1.1 x", "5.1.1"),
        ("4.4.7", None, "4.4.7"),
        ("2.0.0", None, "2.0.0"),
    ],
)
def test_the_most_telling_code_counts(
    field: str | None, answer: str | None, code: str | None
) -> None:
    """The Status field, unless it is generic and the server's answer is not."""
    assert code == specific_status(field, answer)
