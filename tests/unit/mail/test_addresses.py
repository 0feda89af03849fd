import time

import pytest

from courrier.mail.headers.addresses import parse_addresses
from courrier.mail.limits import MAX_ADDRESSES
from courrier.mail.message import Mailbox

CASES: list[tuple[str, list[tuple[str | None, str]]]] = [
    # RFC 5322 section 3.4, as it is written
    ("ann@b.example", [(None, "ann@b.example")]),
    ("<ann@b.example>", [(None, "ann@b.example")]),
    ("Ann <ann@b.example>", [("Ann", "ann@b.example")]),
    ("Ann Lee<ann@b.example>", [("Ann Lee", "ann@b.example")]),
    ('"Lee, Ann" <ann@b.example>', [("Lee, Ann", "ann@b.example")]),
    ('"Ann \\"the\\" Lee" <ann@b.example>', [('Ann "the" Lee', "ann@b.example")]),
    ('"" <ann@b.example>', [(None, "ann@b.example")]),
    ('"Ann" Lee <ann@b.example>', [("Ann Lee", "ann@b.example")]),
    ('"ann lee"@b.example', [(None, '"ann lee"@b.example')]),
    ('Ann <"ann@home"@b.example>', [("Ann", '"ann@home"@b.example')]),
    ("a@b.example, c@d.example", [(None, "a@b.example"), (None, "c@d.example")]),
    ("a@b.example,, c@d.example,", [(None, "a@b.example"), (None, "c@d.example")]),
    ("ann@[192.0.2.1]", [(None, "ann@[192.0.2.1]")]),
    ("Ann <ann@[IPv6:2001:db8::1]>", [("Ann", "ann@[IPv6:2001:db8::1]")]),
    # comments
    ("ann@b.example (Ann Lee)", [("Ann Lee", "ann@b.example")]),
    ("ann@b.example (Lee, Ann)", [("Lee, Ann", "ann@b.example")]),
    ("(Ann Lee) ann@b.example", [("Ann Lee", "ann@b.example")]),
    ("Ann <ann@b.example> (at work)", [("Ann", "ann@b.example")]),
    ("<ann@b.example> (Ann)", [("Ann", "ann@b.example")]),
    ("Ann (the first) Lee <ann@b.example>", [("Ann Lee", "ann@b.example")]),
    ("ann(home)@b.example", [("home", "ann@b.example")]),
    ("ann@b.example (a \\) b)", [("a ) b", "ann@b.example")]),
    ("a@b.example (A), c@d.example (C)", [("A", "a@b.example"), ("C", "c@d.example")]),
    # groups
    ("undisclosed-recipients:;", []),
    ("undisclosed-recipients: ;", []),
    ("Undisclosed recipients:", []),
    ("unlisted-recipients:; (no To-header on input)", []),
    ("Team: a@b.example, Bo <c@d.example>;", [(None, "a@b.example"), ("Bo", "c@d.example")]),
    ("Team:a@b.example;, c@d.example", [(None, "a@b.example"), (None, "c@d.example")]),
    ("A: x@b.example;, B: y@b.example;", [(None, "x@b.example"), (None, "y@b.example")]),
    ('"Team: North" <n@b.example>', [("Team: North", "n@b.example")]),
    # obsolete forms
    ("<@x.example,@y.example:ann@b.example>", [(None, "ann@b.example")]),
    ("Ann <@x.example:ann@b.example>", [("Ann", "ann@b.example")]),
    ("Ann.Lee J. <ann@b.example>", [("Ann.Lee J.", "ann@b.example")]),
    ("ann @ b . example", [(None, "ann@b.example")]),
    ("Ann < ann@b.example >", [("Ann", "ann@b.example")]),
    ("Ann <ann@b. example>", [("Ann", "ann@b.example")]),
    # what programs and people write
    ("Lee, Ann <ann@b.example>", [("Lee, Ann", "ann@b.example")]),
    ("Lee, Ann <a@b.example>, Fox, Bo <c@d.example>", [
        ("Lee, Ann", "a@b.example"), ("Fox, Bo", "c@d.example"),
    ]),
    ("a@b.example; c@d.example", [(None, "a@b.example"), (None, "c@d.example")]),
    ("Ann <a@b.example>; Bo <c@d.example>;", [("Ann", "a@b.example"), ("Bo", "c@d.example")]),
    ("'ann@b.example'", [(None, "ann@b.example")]),
    ('"ann@b.example"', [(None, "ann@b.example")]),
    ("'Ann Lee' <ann@b.example>", [("'Ann Lee'", "ann@b.example")]),
    ("O'Brien <ann@b.example>", [("O'Brien", "ann@b.example")]),
    ("ann@b.example <ann@b.example>", [("ann@b.example", "ann@b.example")]),
    ('"ann@b.example" <ann@b.example>', [("ann@b.example", "ann@b.example")]),
    ("Ann [Sales] <ann@b.example>", [("Ann [Sales]", "ann@b.example")]),
    ("Team: Ann <ann@b.example>", [("Ann", "ann@b.example")]),
    ("Ann @ Work <ann@b.example>", [("Ann @ Work", "ann@b.example")]),
    ("<<ann@b.example>>", [(None, "ann@b.example")]),
    ("Ann <<ann@b.example>>", [("Ann", "ann@b.example")]),
    ("Ann <ann@b.example", [("Ann", "ann@b.example")]),
    ("Ann ann@b.example>", [("Ann", "ann@b.example")]),
    ("Ann Lee ann@b.example", [("Ann Lee", "ann@b.example")]),
    ("ann@b.example Ann Lee", [("Ann Lee", "ann@b.example")]),
    ('"Ann <ann@b.example>', [("Ann", "ann@b.example")]),
    ('Ann" <ann@b.example>', [("Ann", "ann@b.example")]),
    ('"Ann "the" Lee" <ann@b.example>', [("Ann the Lee", "ann@b.example")]),
    ('"Ann Lee <a@b.example>, "Bo" <c@d.example>', [
        ("Ann Lee", "a@b.example"), ("Bo", "c@d.example"),
    ]),
    ("mailto:ann@b.example", [(None, "ann@b.example")]),
    ("<mailto:ann@b.example>", [(None, "ann@b.example")]),
    ("Ann <mailto:ann@b.example>", [("Ann", "ann@b.example")]),
    ("<SMTP:ann@b.example>", [(None, "ann@b.example")]),
    ("ann@b.example [mailto:ann@b.example]", [(None, "ann@b.example")]),
    ("a@b.example c@d.example", [(None, "a@b.example"), (None, "c@d.example")]),
    ("<a@b.example> <c@d.example>", [(None, "a@b.example"), (None, "c@d.example")]),
    ("Ann <a@b.example> Bo <c@d.example>", [("Ann", "a@b.example"), ("Bo", "c@d.example")]),
    ("ann..lee@b.example", [(None, "ann..lee@b.example")]),
    ("ann.@b.example", [(None, "ann.@b.example")]),
    ("ann@b.example.", [(None, "ann@b.example")]),
    ("ann@b_c.example", [(None, "ann@b_c.example")]),
    ("Ann Lee/Sales/ACME@ACME <ann@b.example>", [("Ann Lee/Sales/ACME@ACME", "ann@b.example")]),
    ("/O=ACME/CN=ann", []),
    ("Ann </O=ACME/OU=X/CN=ann>", [("Ann", "/O=ACME/OU=X/CN=ann")]),
    ("Ann Lee <root>", [("Ann Lee", "root")]),
    ("nobody", [(None, "nobody")]),
    ("<>", []),
    ("Ann <>", []),
    ("MAILER-DAEMON (Mail Delivery Subsystem)", [("Mail Delivery Subsystem", "MAILER-DAEMON")]),
    ("host!relay!ann (Ann Lee)", [("Ann Lee", "host!relay!ann")]),
    ('"nobody"', []),
    ("Ann Lee", []),
    ("undisclosed-recipients", []),
    ("Recipients", []),
    ("ann@", []),
    ("@b.example", []),
    ("", []),
    # RFC 6532 and international domains
    ("Jürgen <jürgen@bücher.example>", [("Jürgen", "jürgen@bücher.example")]),
    ("用户@例子.example", [(None, "用户@例子.example")]),
    # encoded words, right and wrong
    ("=?utf-8?q?J=C3=BCrgen?= <j@b.example>", [("Jürgen", "j@b.example")]),
    ('"=?utf-8?q?J=C3=BCrgen?=" <j@b.example>', [("Jürgen", "j@b.example")]),
    ("=?utf-8?q?Lee=2C_Ann?= <j@b.example>", [("Lee, Ann", "j@b.example")]),
    ("=?utf-8?q?Lee,_Ann?= <j@b.example>", [("Lee, Ann", "j@b.example")]),
    ("=?utf-8?q?=22Lee=2C_Ann=22?= <j@b.example>", [("Lee, Ann", "j@b.example")]),
    ("=?utf-8?B?w6k=?= =?utf-8?B?w6k=?= Lee <j@b.example>", [("éé Lee", "j@b.example")]),
    ("j@b.example (=?utf-8?q?J=C3=BC?=)", [("Jü", "j@b.example")]),
    ("=?utf-8?q?Ann_<j@b.example>?=", [("Ann", "j@b.example")]),
    ("=?utf-8?B?QW5uIDxqQGIuZXhhbXBsZT4=?=", [("Ann", "j@b.example")]),
    ("=?utf-8?q?j=40b=2Eexample?=", [(None, "j@b.example")]),
    ("=?utf-8?q?Ann?= <=?utf-8?q?j=40b.example?=>", [("Ann", "j@b.example")]),
    ("=?utf-8?q?Ann?=<j@b.example>", [("Ann", "j@b.example")]),
    ("=?utf-8?q?=3Cevil=40x.example=3E?= <j@b.example>", [("<evil@x.example>", "j@b.example")]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "mailboxes"), CASES, ids=[value for value, _ in CASES])
def test_mailboxes_are_read_as_they_were_meant(
    value: str, mailboxes: list[tuple[str | None, str]]
) -> None:
    """RFC 5322, 6532 and 2047, what is obsolete in them, and what senders make of it."""
    read = parse_addresses(value.encode("utf-8"))

    assert mailboxes == [(each.name, each.address) for each in read]


@pytest.mark.parametrize("separator", [", ", ",", "; ", ",\t", " , "])
def test_thousands_of_recipients_are_all_read(separator: str) -> None:
    """A message to everybody is still a message."""
    value = separator.join(f'"Lee, {n}" <user{n}@b.example>' for n in range(5_000)).encode()

    read = parse_addresses(value)

    assert len(read) == 5_000
    assert Mailbox("Lee, 4999", "user4999@b.example") == read[-1]


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "<",
        '"',
        "a@b,",
        "a b ",
        "<a@b> ",
        "a@b ",
        " ",
        "a ",
        '\\"',
        "@",
        ":",
        "\\",
        "[",
        "=?u?q?",
        "a,",
    ],
)
def test_no_field_is_slow(piece: str) -> None:
    """A field as long as a field may be is read in well under a second."""
    value = (piece * (256 * 1024 // len(piece))).encode()
    started = time.process_time()

    read = parse_addresses(value)

    assert time.process_time() - started < 2
    assert len(read) <= MAX_ADDRESSES
