import base64
import time

import pytest

from courrier.mail.structure.transfer import decode_transfer

TEXT = "Grüße from Köln, this is a sentence. ".encode() * 5
B64 = base64.encodebytes(TEXT)


@pytest.mark.parametrize(
    ("content", "damaged"),
    [
        (B64, False),
        (B64.replace(b"\n", b"\r\n"), False),
        (B64.replace(b"\n", b""), False),
        (b"\r\n\r\n" + B64 + b"\r\n\r\n", False),
        (B64.rstrip(b"=\n"), True),
        (B64 + b"\n-- \nA list's footer, with words in it\n", True),
        (B64 + b"\n_____________________\nList mailing list\nList@b.example\n", True),
        (B64.replace(b"\n", b"!\n", 1), True),
        (B64.replace(b"\n", b" \n"), True),
        (B64[:20] + b"\x00\xff" + B64[20:], True),
        (base64.encodebytes(TEXT[:100]) + base64.encodebytes(TEXT[100:]), True),
        (base64.urlsafe_b64encode(TEXT), False),
    ],
)
def test_base64_is_decoded_in_any_state(content: bytes, damaged: bool) -> None:  # noqa: FBT001
    """RFC 2045 section 6.8; what had to be repaired is said."""
    warnings: list[str] = []

    decoded = decode_transfer(content, "base64", warnings)

    assert TEXT == decoded
    assert (["base64 is damaged"] if damaged else []) == warnings


def test_text_that_is_only_labelled_base64_stays() -> None:
    """Garbage helps nobody."""
    assert TEXT.strip() == decode_transfer(TEXT, "base64")
    assert b"\xfb\xff\xbf" == decode_transfer(b"-_-_", "base64")
    assert b"" == decode_transfer(b"\n", "base64")


@pytest.mark.parametrize(
    ("content", "decoded"),
    [
        (b"caf=C3=A9", "café"),
        (b"caf=c3=a9", "café"),
        (b"a=\nb", "ab"),
        (b"a=\r\nb", "ab"),
        (b"a=  \r\nb", "ab"),
        (b"a= \nb", "ab"),
        (b"a=", "a"),
        (b"a=\n", "a"),
        (b"a=3Db=", "a=b"),
        (b"1=2 and =ZZ", "1=2 and =ZZ"),
        (b"a=20\nb", "a \nb"),
        (b"a_b", "a_b"),
        (b"caf\xc3\xa9=3D", "café="),
        (b"a=0D=0Ab", "a\r\nb"),
    ],
)
def test_quoted_printable_is_decoded_in_any_state(content: bytes, decoded: str) -> None:
    """RFC 2045 section 6.7."""
    assert decoded == decode_transfer(content, "quoted-printable").decode()


@pytest.mark.parametrize(
    ("encoding", "meant"),
    [
        ("base64", "base64"), ("base-64", "base64"), ("base 64", "base64"), ("x-base64", "base64"),
        ("quoted-printable", "qp"), ("quotedprintable", "qp"), ("quoted_printable", "qp"),
        ("quoted-printable;", "qp"), ("qp", "qp"), ("7bit", ""), ("8-bit", ""), ("binary", ""),
        ("utf-8", ""), ("none", ""), ("us-ascii", ""), ("x-yencode", ""), ("", ""),
    ],
)  # fmt: skip
def test_an_encoding_means_what_its_letters_say(encoding: str, meant: str) -> None:
    """Nobody else is as strict as RFC 2045 either."""
    expected = {"base64": b"a", "qp": b"YQ=", "": b"YQ=3D"}[meant]

    assert expected == decode_transfer(b"YQ=3D" if meant != "base64" else b"YQ==", encoding)


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-uuencode"])
@pytest.mark.parametrize(
    "piece", [b"=", b"a=", b"= ", b"\n", b"begin 644 x\n", b"a b c", b"!", b"-_"]
)
def test_no_body_is_slow(encoding: str, piece: bytes) -> None:
    """Two megabytes of anything."""
    started = time.process_time()
    decode_transfer(piece * (2_000_000 // len(piece)), encoding)

    assert time.process_time() - started < 2
