# ruff: noqa: E501 (bytes stand on one line, as their form is what matters)
import binascii
import struct
import time

import pytest

from courrier.mail.parse import attachment_bytes, parse
from courrier.mail.structure.rtf import decompress_rtf, rtf_to_text
from courrier.mail.structure.tnef import read_tnef

STRING8, UNICODE, BINARY = 0x1E, 0x1F, 0x102
BODY, RTF, HTML, LONG_NAME, MIME_TAG, CONTENT_ID = 0x1000, 0x1009, 0x1013, 0x3707, 0x370E, 0x3712


def attribute(name: int, value: bytes, level: int = 1) -> bytes:
    """Level, name, length, value, checksum."""
    return (
        struct.pack("<BII", level, name, len(value))
        + value
        + struct.pack("<H", sum(value) % 65_536)
    )


def properties(*values: tuple[int, int, bytes]) -> bytes:
    """MAPI properties: kind, number, value."""
    out = struct.pack("<I", len(values) + 2)
    # A number, and a property that has a name instead of one.
    out += struct.pack("<HHI", 0x03, 0x3FDE, 1252)
    out += struct.pack("<HH", 0x0B, 0x8000) + bytes(16) + struct.pack("<II", 0, 1) + bytes(4)
    for kind, name, value in values:
        out += struct.pack("<HHII", kind, name, 1, len(value)) + value + bytes(-len(value) % 4)
    return out


def tnef(*attributes: bytes) -> bytes:
    """A whole file."""
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def mail(content: bytes, body: bytes = b"") -> bytes:
    """A message with a winmail.dat, and text before it if any is given."""
    head = b"Content-Type: multipart/mixed; boundary=b\n\n"
    text = b"--b\nContent-Type: text/plain\n\n" + body + b"\n" if body else b""
    return (
        head + text + b"--b\nContent-Type: application/ms-tnef; name=winmail.dat\n"
        b"Content-Transfer-Encoding: base64\n\n" + binascii.b2a_base64(content) + b"--b--\n"
    )


FILE = (
    attribute(0x69002, bytes(14), 2)
    + attribute(0x18010, b"REPORT~1.PDF\x00", 2)
    + attribute(0x6800F, b"%PDF", 2)
    + attribute(0x69005, properties(
        (UNICODE, LONG_NAME, "Bericht für März.pdf\0".encode("utf-16-le")),
        (STRING8, MIME_TAG, b"application/pdf\0"),
        (STRING8, CONTENT_ID, b"pic@1\0"),
    ), 2)
)  # fmt: skip


def test_the_files_of_a_winmail_dat_follow_it() -> None:
    """The file itself stays listed, as it is what was sent; then what a person looks for."""
    raw = mail(tnef(FILE, attribute(0x69002, bytes(14), 2), attribute(0x6800F, b"x", 2)), b"hi")

    message = parse(raw)
    assert "hi" == message.text
    assert [
        ("winmail.dat", "application/ms-tnef", None),
        ("Bericht für März.pdf", "application/pdf", "pic@1"),
        (None, "application/octet-stream", None),
    ] == [(each.filename, each.content_type, each.content_id) for each in message.attachments]
    assert b"%PDF" == attachment_bytes(raw, 1)


@pytest.mark.parametrize(
    ("attributes", "text", "form"),
    [
        (attribute(0x2800C, b"caf\xe9\r\n\x00"), "café\n", "plain"),
        (attribute(0x69007, struct.pack("<II", 1251, 0)) + attribute(0x2800C, "Да".encode("cp1251")),
         "Да", "plain"),
        (attribute(0x69003, properties((STRING8, BODY, b"caf\xe9\0"))), "café", "plain"),
        (attribute(0x69003, properties((UNICODE, BODY, "Да\0".encode("utf-16-le")))), "Да", "plain"),
        (attribute(0x69003, properties((BINARY, HTML, b"<p>caf\xe9</p>\0"))), "café", "html"),
        (attribute(0x69003, properties((BINARY, RTF, struct.pack("<II4sI", 24, 12, b"MELA", 0)
                                        + rb"{\rtf1 a\'e9}"))), "aé\n", "plain"),
    ],
)  # fmt: skip
def test_the_body_in_a_winmail_dat_is_the_body_if_there_is_no_other(
    attributes: bytes, text: str, form: str
) -> None:
    """Outlook may send the words nowhere else."""
    alone, beside = parse(mail(tnef(attributes))), parse(mail(tnef(attributes), b"hi"))

    assert (text.strip(), form == "html") == (alone.text.strip(), alone.html is not None)
    assert ("hi", False) == (beside.text, beside.html is not None)


@pytest.mark.parametrize("cut", range(0, 200, 7))
def test_a_damaged_winmail_dat_gives_what_can_be_read(cut: int) -> None:
    """Nothing raises, wherever it ends."""
    whole = tnef(FILE)

    assert len(read_tnef(whole[:cut]).files) <= 1
    assert parse(mail(whole[:cut])).attachments[0].filename == "winmail.dat"


def test_compressed_text_is_read() -> None:
    """The example of MS-OXRTFCP section 3.1, and copies that overlap themselves."""
    hello = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
        "0af32068656c090020627705b06c647d0a800fa0"
    )

    assert b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n" == decompress_rtf(hello)
    assert "hello world\n" == rtf_to_text(decompress_rtf(hello))
    assert b"" == decompress_rtf(b"")
    assert b"" == decompress_rtf(b"12345678LZFu1234")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator X;}\pard One\par Two\tab x\par}", "One\nTwo\tx"),
        (rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8}", "При"),
        (rb"{\rtf1\uc1 caf\u233?s\u8364 ?}", "cafés€"),
        (rb"{\rtf1\uc2\u-10179 ??\u-8704 ??}", "\U0001f600"),
        (rb"{\rtf1 a\{b\}\\c\~d}", "a{b}\\c\u00a0d"),
        (rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}Hello\htmlrtf\par\htmlrtf0}", "Hello"),
        (b"no rtf", "no rtf"),
        (b"", ""),
        (b"{" * 10_000 + b"}" * 20_000, ""),
    ],
)  # fmt: skip
def test_rich_text_reads_as_plain(source: bytes, text: str) -> None:
    """What a reader would see."""
    assert text.strip() == rtf_to_text(source).strip("\n")


def uuencoded(content: bytes) -> bytes:
    """The lines between `begin` and `end`."""
    return b"".join(binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45))


PICTURE = bytes(range(100))
BLOCK = b"begin 644 a b.gif\n" + uuencoded(PICTURE) + b"`\nend\n"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"Hi\n\n" + BLOCK + b"\nBye\n", "Hi\n\n\nBye\n"),
        (b"Let us\nbegin\n" + BLOCK, "Let us\nbegin\n"),
        (BLOCK, ""),
        (b"Hi\n" + BLOCK.replace(b"\n", b"\r\n"), "Hi\n"),
        (b"Hi\n" + BLOCK.replace(b"`", b" "), "Hi\n"),
        (b"Hi\n" + BLOCK.removesuffix(b"`\nend\n"), "Hi\n"),
        (b"Hi\nbegin-base64 644 a b.gif\n" + binascii.b2a_base64(PICTURE) + b"====\n", "Hi\n"),
    ],
)
def test_uuencoded_files_leave_the_text_for_the_list(body: bytes, text: str) -> None:
    """Mail of the 1990s has its files in the text."""
    raw = b"Subject: x\n\n" + body

    message = parse(raw)
    assert text == message.text
    assert [("a b.gif", "image/gif", 100)] == [
        (each.filename, each.content_type, each.size) for each in message.attachments
    ]
    assert PICTURE == attachment_bytes(raw, 0)


@pytest.mark.parametrize(
    "body",
    [
        "We begin 644 tests\nend\n",
        "begin 644 lines of text\nlike this one\nend\n",
        "begin 99 x\n",
        "\nbegin 644 x\n\nend\n",
    ],
)
def test_words_about_beginning_are_no_file(body: str) -> None:
    """Only lines of the right length and letters are."""
    message = parse(b"Subject: x\n\n" + body.encode())

    assert (body.strip(), ()) == (message.text.strip(), message.attachments)


def test_a_part_may_be_uuencoded_as_a_whole() -> None:
    """A transfer encoding of its own, before there was base64."""
    raw = b"Content-Type: image/gif; name=a.gif\nContent-Transfer-Encoding: x-uuencode\n\n" + BLOCK

    assert PICTURE == attachment_bytes(raw, 0)


@pytest.mark.parametrize(
    "raw",
    [
        b"S: x\n\n" + b"begin 644 x\n" * 160_000,
        b"S: x\n\n" + b"begin 644 x\n#0V%T\n" * 100_000,
        b"S: x\n\n" + b"begin-base64 644 x\n" * 100_000,
        mail(tnef(attribute(0x69002, b"", 2) * 180_000)),
        mail(tnef(attribute(0x69003, struct.pack("<I", 5_000) + bytes(2_000)) * 900)),
    ],
    ids=["no lines", "no end", "no base64", "files", "properties"],
)
def test_nothing_enclosed_is_slow(raw: bytes) -> None:
    """Two megabytes made to be slow."""
    started = time.process_time()
    parse(raw)

    assert time.process_time() - started < 4
