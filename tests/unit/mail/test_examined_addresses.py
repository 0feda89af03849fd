"""Address fields of all decades, with what the contract of `POST /emails/parse` promises."""

import pytest

from courrier.mail.parse import parse


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"joe@example.com", [(None, "joe@example.com")]),
        (b"<joe@example.com>", [(None, "joe@example.com")]),
        (
            b"Joe Q. Public <john.q.public@example.com>",
            [("Joe Q. Public", "john.q.public@example.com")],
        ),
        (
            b'"Joe Q. Public" <john.q.public@example.com>',
            [("Joe Q. Public", "john.q.public@example.com")],
        ),
        (
            b"Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
            [("Mary Smith", "mary@x.test"), (None, "jdoe@example.org"), ("Who?", "one@y.test")],
        ),
        (
            b'<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
            [(None, "boss@nil.test"), ('Giant; "Big" Box', "sysservices@example.net")],
        ),
        (
            b"A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
            [("Ed Jones", "c@a.test"), (None, "joe@where.test"), ("John", "jdoe@one.test")],
        ),
        (b"Undisclosed recipients:;", []),
        (b"undisclosed-recipients: ;", []),
        (b"recipient list not shown: ;", []),
        (b"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", []),
        (
            b"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
            [("Pete", "pete@silly.test")],
        ),
        (
            (
                b"A Group(Some people)\r\n"
                b"     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
                b"         joe@example.org,\r\n"
                b"  John <jdoe@one.test> (my dear friend); (the end of the group)"
            ),
            [
                ("Chris Jones", "c@public.example"),
                (None, "joe@example.org"),
                ("John", "jdoe@one.test"),
            ],
        ),
        (
            b"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
            [("Mary Smith", "mary@example.net"), (None, "jdoe@test.example")],
        ),
        (b"<@a.example,@b.example:joe@c.example>", [(None, "joe@c.example")]),
        (b"joe@example.com (Joe Bloggs)", [("Joe Bloggs", "joe@example.com")]),
        (b"joe@example.com (=?iso-8859-1?Q?J=F6e?= Bloggs)", [("Jöe Bloggs", "joe@example.com")]),
        (b"john . doe @ example . com", [(None, "john.doe@example.com")]),
        (b'"john doe"@example.com', [(None, '"john doe"@example.com')]),
        (b"joe@[192.0.2.1]", [(None, "joe@[192.0.2.1]")]),
        (b"joe@[IPv6:2001:db8::1]", [(None, "joe@[IPv6:2001:db8::1]")]),
        (
            b"=?utf-8?Q?Andr=C3=A9?= Pirard <PIRARD@vm1.ulg.example>",
            [("André Pirard", "PIRARD@vm1.ulg.example")],
        ),
        (
            b"=?ISO-8859-1?Q?Olle_J=E4rnefors?= <ojarnef@admin.example>",
            [("Olle Järnefors", "ojarnef@admin.example")],
        ),
        (b'"=?utf-8?Q?M=C3=BCller=2C_Hans?=" <h@example.de>', [("Müller, Hans", "h@example.de")]),
        (b"=?utf-8?Q?M=C3=BCller=2C_Hans?= <h@example.de>", [("Müller, Hans", "h@example.de")]),
        (b"=?utf-8?B?5bGx55Sw5aSq6YOO?= <t@example.jp>", [("山田太郎", "t@example.jp")]),
        (b"=?ISO-2022-JP?B?GyRCOzNFREJATzobKEI=?= <t@example.jp>", [("山田太郎", "t@example.jp")]),
        (b"J\xc3\xb6rg <j@example.de>", [("Jörg", "j@example.de")]),
        (b"J\xf6rg <j@example.de>", [("Jörg", "j@example.de")]),
        (b'"Fran\xe7ois Durand" <f@example.fr>', [("François Durand", "f@example.fr")]),
        (b"\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd <ivan@example.ru>", [("Иван", "ivan@example.ru")]),
        (b"j\xc3\xbcrgen@b\xc3\xbccher.example", [(None, "jürgen@bücher.example")]),
        (b'"joe@example.com" <joe@example.com>', [("joe@example.com", "joe@example.com")]),
        (b"a@example.com; b@example.com", [(None, "a@example.com"), (None, "b@example.com")]),
        (
            b"A B <a@example.com>; C D <b@example.com>;",
            [("A B", "a@example.com"), ("C D", "b@example.com")],
        ),
        (b",, a@example.com,,", [(None, "a@example.com")]),
        (b"<<joe@example.com>>", [(None, "joe@example.com")]),
        (b"Joe <joe@example.com", [("Joe", "joe@example.com")]),
        (b"Joe <joe@example.com>>", [("Joe", "joe@example.com")]),
        (b'"Joe <joe@example.com>', [("Joe", "joe@example.com")]),
        (b"mailto:joe@example.com", [(None, "joe@example.com")]),
        (b"Joe <mailto:joe@example.com>", [("Joe", "joe@example.com")]),
        (b"joe+tag@example.com", [(None, "joe+tag@example.com")]),
        (
            b"bounce-1=joe=example.com@lists.example",
            [(None, "bounce-1=joe=example.com@lists.example")],
        ),
        (b"o'brien@example.ie", [(None, "o'brien@example.ie")]),
        (b"Pat O'Brien <o'brien@example.ie>", [("Pat O'Brien", "o'brien@example.ie")]),
        (b"joe..bloggs@docomo.example", [(None, "joe..bloggs@docomo.example")]),
        (b"joe.@docomo.example", [(None, "joe.@docomo.example")]),
        (b"Joe [Sales] <joe@example.com>", [("Joe [Sales]", "joe@example.com")]),
        (b"Joe @ Work <joe@example.com>", [("Joe @ Work", "joe@example.com")]),
        (b'"Dobbs, J.R. (Bob)" <bob@example.com>', [("Dobbs, J.R. (Bob)", "bob@example.com")]),
        (b"Joe  Bloggs   <joe@example.com>", [("Joe Bloggs", "joe@example.com")]),
        (b"Joe\r\n\tBloggs\r\n <joe@example.com>", [("Joe Bloggs", "joe@example.com")]),
        (b"Joe Bloggs<joe@example.com>", [("Joe Bloggs", "joe@example.com")]),
        (b'"Joe Bloggs"<joe@example.com>', [("Joe Bloggs", "joe@example.com")]),
        (b'"" <joe@example.com>', [(None, "joe@example.com")]),
        (b"=?utf-8?Q??= <joe@example.com>", [(None, "joe@example.com")]),
        (b"JOE BLOGGS <JOE@EXAMPLE.COM>", [("JOE BLOGGS", "JOE@EXAMPLE.COM")]),
        (b"", []),
        (b"<>", []),
        (
            (
                b'"Smith, John (Houston)" <john.smith@enron.example>, "Jones, Ann" '
                b"<ann.jones@enron.example>"
            ),
            [
                ("Smith, John (Houston)", "john.smith@enron.example"),
                ("Jones, Ann", "ann.jones@enron.example"),
            ],
        ),
        (
            b"=?utf-8?Q?Caf=C3=A9?=\r\n =?utf-8?Q?_du_Nord?= <c@example.fr>",
            [("Café du Nord", "c@example.fr")],
        ),
        (
            b"=?utf-8?B?44GT44KT44Gr?=\r\n\t=?utf-8?B?44Gh44Gv?= <c@example.jp>",
            [("こんにちは", "c@example.jp")],
        ),
        (b"Team =?utf-8?Q?Caf=C3=A9?= Nord <c@example.fr>", [("Team Café Nord", "c@example.fr")]),
        (
            b"=?utf-8?Q?joe=40example=2Ecom?= <joe@example.com>",
            [("joe@example.com", "joe@example.com")],
        ),
        (
            b"=?utf-8?Q?Joe_=3Cx=40y.example=3E?= <joe@example.com>",
            [("Joe <x@y.example>", "joe@example.com")],
        ),
        (
            b"=?us-ascii?Q?Joe?= =?us-ascii?Q?Bloggs?= <joe@example.com>",
            [("JoeBloggs", "joe@example.com")],
        ),
        (b"=?utf-8?Q?J=C3?= =?utf-8?Q?=B6rg?= <joe@example.com>", [("Jörg", "joe@example.com")]),
        (b"=?windows-1251?B?yOLg7Q==?= <ivan@example.ru>", [("Иван", "ivan@example.ru")]),
        (b"=?koi8-r?B?6dfBzg==?= <ivan@example.ru>", [("Иван", "ivan@example.ru")]),
        (b"=?gb2312?B?zfXQobb+?= <w@example.cn>", [("王小二", "w@example.cn")]),
        (b"=?utf-8?Q?Doe=2C?= John <j@example.com>", [("Doe, John", "j@example.com")]),
        (
            b"friends: a@x.example, b@x.example; , c@x.example",
            [(None, "a@x.example"), (None, "b@x.example"), (None, "c@x.example")],
        ),
        (b'"My Group": a@x.example;, d@x.example', [(None, "a@x.example"), (None, "d@x.example")]),
        (b"joe@example.com,", [(None, "joe@example.com")]),
        (b"(comment) Joe <joe@example.com>", [("Joe", "joe@example.com")]),
        (b"joe@example.com (Joe (Jr.) Bloggs)", [("Joe (Jr.) Bloggs", "joe@example.com")]),
        (b"jdoe%remote.example@relay.example", [(None, "jdoe%remote.example@relay.example")]),
        (b"host1!host2!user@uucp.example", [(None, "host1!host2!user@uucp.example")]),
        (b"/G=Joe/S=Bloggs/O=Org/@x400.example", [(None, "/G=Joe/S=Bloggs/O=Org/@x400.example")]),
        (b'"/G=Joe/S=Blog gs/"@x400.example', [(None, '"/G=Joe/S=Blog gs/"@x400.example')]),
    ],
)
def test_recipients_of_every_decade_are_read(
    value: bytes, expected: list[tuple[str | None, str]]
) -> None:
    """Written down from the standards before our reading of them was looked at."""
    read = parse(b"To: " + value + b"\r\nSubject: x\r\n\r\nbody", with_html=False)

    assert expected == [(each.name, each.address) for each in read.to]
