import time

import pytest

from courrier.mail.headers.words import field_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # RFC 2047
        ("=?utf-8?q?caf=C3=A9?=", "café"),
        ("=?UTF-8?B?Y2Fmw6k=?=", "café"),
        ("=?iso-8859-1?Q?caf=E9_au_lait?=", "café au lait"),
        ("=?utf-8?q?a?= b", "a b"),
        ("a =?utf-8?q?b?=", "a b"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=\t \t=?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"),
        ("=?utf-8?q?a_?= =?utf-8?q?b?=", "a b"),
        ("=?utf-8?q??=", ""),
        ("=?utf-8?b??= x", "x"),
        # RFC 2231 section 5
        ("=?us-ascii*en-us?q?a?=", "a"),
        ("=?utf-8*fr?B?w6k=?=", "é"),
        # a character, or a base64 group, in two words
        ("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=", "café"),
        ("=?utf-8?B?Y2Fmww==?= =?utf-8?B?qQ==?=", "café"),
        ("=?utf-8?B?4pyT?= =?UTF-8?B?IMOp?=", "✓ é"),
        ("=?utf-8?B?Y2Fmw6?= =?utf-8?B?kgYXU=?=", "café au"),
        ("=?utf-8?B?w6k?= =?utf-8?Q?=C3=A9?=", "éé"),
        ("=?shift_jis?B?k/o=?= =?shift_jis?B?lns=?=", "日本"),
        ("=?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?S1wbKEI=?=", "日本"),
        ("=?iso-2022-jp?B?GyRCRnwbKEI=?= =?iso-2022-jp?B?GyRCS1wbKEI=?=", "日本"),
        ("=?gb2312?B?xOO6w6Osz7K7tg==?=", "你好\uff0c喜欢"),
        # charsets in turn, wrong, unknown, none
        ("=?iso-8859-1?q?=E9?= =?koi8-r?q?=D0?=", "éп"),
        ("=?us-ascii?q?=C3=A9?=", "é"),
        ("=?iso-8859-1?q?=C3=A9?=", "é"),
        ("=?utf-8?q?=E9t=E9?=", "été"),
        ("=?x-nothing?q?=C3=A9?=", "é"),
        ("=?unknown-8bit?q?=E9t=E9?=", "été"),
        ("=?unknown?q?a?=", "a"),
        ("=??q?=C3=A9?=", "é"),
        ("=?utf8?q?=C3=A9?=", "é"),
        ("=?cp1252?q?=80?=", "€"),
        ("=?utf-7?q?+AOk-?=", "é"),
        # base64 as it should not be
        ("=?utf-8?B?w6k?=", "é"),
        ("=?utf-8?B?w6 k=?=", "é"),
        ("=?utf-8?B?w6k==?=", "é"),
        ("=?utf-8?B?w!6k=?=", "é"),
        ("=?utf-8?B?w6k=w6k=?=", "éé"),
        ("=?utf-8?B?w?=", ""),
        # quoted-printable as it should not be
        ("=?utf-8?Q?Hello World?=", "Hello World"),
        ("=?utf-8?Q?caf=c3=a9?=", "café"),
        ("=?utf-8?Q?100=?=", "100"),
        ("=?utf-8?Q?a=ZZ?=", "a=ZZ"),
        ("=?utf-8?Q?What?_is=20it?=", "What? is it"),
        ("=?utf-8?Q?What?=20now?=", "What? now"),
        ("=?utf-8?Q?a\tb?=", "a\tb".replace("\t", " ")),
        ("=?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_bbbbbbb cc_d?=",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbcc d"),
        # words where none may be, or not quite
        ('"=?utf-8?q?caf=C3=A9?="', '"café"'),
        ("(=?utf-8?q?caf=C3=A9?=)", "(café)"),
        ("[list]=?utf-8?q?caf=C3=A9?=.", "[list]café."),
        ("=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
        ("Re: =?utf-8?q?a?=,=?utf-8?q?b?=", "Re: a,b"),
        ("=?utf-8?q?open", "=?utf-8?q?open"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q", "=?utf-8?q"),
        ("a =? b ?= c", "a =? b ?= c"),
        ("=?=?utf-8?q?a?=", "=?a"),
        ("=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3F=3D?=", "=?utf-8?q?a?="),
        # what is shown is on one line
        ("=?utf-8?q?a=0D=0AB?=", "a B"),
        ("=?utf-8?q?a=00b?=", "ab"),
        ("a\x00b", "ab"),
        ("  a\t b ", "a  b"),
    ],
)  # fmt: skip
def test_words_are_decoded_as_they_were_meant(value: str, text: str) -> None:
    """RFC 2047 and 2231, kept, bent and broken."""
    assert text == field_text(value.encode())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("cp1252"), "Grüße"),
        ("Привет, мир".encode("koi8_r"), "Привет, мир"),
        ("会議のお知らせ".encode("iso2022_jp"), "会議のお知らせ"),
        (b"caf\xc3\xa9 =?iso-8859-1?q?=E9?=", "café é"),
    ],
)
def test_raw_text_is_read_in_the_charset_it_must_be_in(value: bytes, text: str) -> None:
    """RFC 6532, and what was sent before it."""
    assert text == field_text(value)


@pytest.mark.parametrize(
    "piece",
    ["=?", "=?a?q?", "=?a?q?=?", "?=", "=?a?b?A?= ", "=?a?q?b=", "=?a?q?b?=AA", "=?a?q?x?=4"],
)
def test_no_text_is_slow(piece: str) -> None:
    """As long as a field may be."""
    started = time.process_time()
    field_text((piece * (256 * 1024 // len(piece))).encode())

    assert time.process_time() - started < 2
