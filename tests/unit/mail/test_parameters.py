import time

import pytest

from courrier.mail.parse import parse
from courrier.mail.structure.attachments import safe_filename
from courrier.mail.structure.parameters import read_parameters


def filename(disposition: str, content_type: str = "application/pdf") -> str | None:
    """The name of the one file in a message whose part has these two fields."""
    raw = f"Content-Type: {content_type}\nContent-Disposition: {disposition}\n\nx".encode()
    (only,) = parse(raw).attachments
    return only.filename


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ("filename=a.pdf", "a.pdf"),
        ('filename="a b.pdf"', "a b.pdf"),
        ("filename=a b.pdf", "a b.pdf"),
        ("filename = a.pdf", "a.pdf"),
        ("FileName=a.pdf; size=1", "a.pdf"),
        ("filename=a (1).pdf", "a (1).pdf"),
        ('filename="a;b.pdf"', "a;b.pdf"),
        ('filename="a;b=c.pdf"; x=y', "a;b=c.pdf"),
        ('filename="a \\"b\\".pdf"', 'a "b".pdf'),
        ('filename="a "b" c.pdf"', 'a "b" c.pdf'),
        ('filename="a.pdf', "a.pdf"),
        ('filename=a.pdf"', "a.pdf"),
        ('filename="a.pdf" size=1', "a.pdf"),
        ("filename='a.pdf'", "a.pdf"),
        ('filename="a\n b.pdf"', "a b.pdf"),
        ('filename="a\n\tb.pdf"', "a b.pdf"),
        ("filename=a.pdf; filename=b.pdf", "a.pdf"),
        ("filename=; filename=b.pdf", "b.pdf"),
        ("name=a.pdf", "a.pdf"),
        # RFC 2231
        ("filename*=utf-8''caf%C3%A9.pdf", "café.pdf"),
        ("filename*=UTF-8'fr'caf%c3%a9.pdf", "café.pdf"),
        ("filename*=iso-8859-1''caf%E9.pdf", "café.pdf"),
        ("filename*=\"utf-8''caf%C3%A9.pdf\"", "café.pdf"),
        ("filename*=''caf%C3%A9.pdf", "café.pdf"),
        ("filename*=caf%C3%A9.pdf", "café.pdf"),
        ("filename*=x-none''caf%C3%A9.pdf", "café.pdf"),
        ("filename=old.pdf; filename*=utf-8''n%C3%A9w.pdf", "néw.pdf"),
        ("filename*=utf-8''n%C3%A9w.pdf; filename=old.pdf", "néw.pdf"),
        ("filename*=utf-8''; filename=old.pdf", "old.pdf"),
        ("filename*0=a; filename*1=b.pdf", "ab.pdf"),
        ('filename*0="a "; filename*1="b.pdf"', "a b.pdf"),
        ("filename*1=b.pdf; filename*0=a", "ab.pdf"),
        ("filename*0=a; filename*2=c.pdf", "ac.pdf"),
        ("filename*1=a; filename*2=b.pdf", "ab.pdf"),
        ("filename*0*=utf-8''caf%C3; filename*1*=%A9.pdf", "café.pdf"),
        ("filename*0*=utf-8''caf%C3%A9; filename*1=' %41.pdf", "café' %41.pdf"),
        ("filename*0=\"utf-8''caf%C3%A9\"; filename*1=.pdf", "café.pdf"),
        ("filename*0=it's; filename*1='.pdf", "it's'.pdf"),
        ("filename*=utf-8''100%.pdf", "100%.pdf"),
        ("filename*=utf-8''a%ZZ.pdf", "a%ZZ.pdf"),
        ('filename*0="=?utf-8?Q?caf"; filename*1="=C3=A9?=.pdf"', "café.pdf"),
        # RFC 2047, which is not for parameters
        ('filename="=?utf-8?Q?caf=C3=A9=2Epdf?="', "café.pdf"),
        ("filename==?utf-8?B?Y2Fmw6kucGRm?=", "café.pdf"),
        ('filename="=?utf-8?Q?caf?=\n =?utf-8?Q?=C3=A9.pdf?="', "café.pdf"),
        # 8-bit
        ('filename="café.pdf"', "café.pdf"),
        # no paths, no tricks
        ('filename="C:\\temp\\new.pdf"', "new.pdf"),
        ('filename="C:\\\\temp\\\\new.pdf"', "new.pdf"),
        ('filename="\\\\server\\share\\new.pdf"', "new.pdf"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="/tmp/"', "tmp"),
        ('filename=".."', None),
        ('filename="a/.."', "a"),
        ("filename*=utf-8''..%2F..%2Fx.pdf", "x.pdf"),
        ("filename*=utf-8''a%00%0Ab%7F.pdf", "a b .pdf"),
        ("filename*=utf-8''a%E2%80%AEfdp.exe", "afdp.exe"),
        ('filename="   "', None),
        ('filename=""', None),
    ],
)  # fmt: skip
def test_a_file_has_the_name_that_its_sender_saw(parameters: str, name: str | None) -> None:
    """RFC 2183, 2231, and what mail programs write instead."""
    assert name == filename(f"attachment; {parameters}")


@pytest.mark.parametrize(
    ("disposition", "content_type", "name"),
    [
        ("attachment", "application/pdf; name=a.pdf", "a.pdf"),
        ("attachment; filename=a.pdf", "application/pdf; name=b.pdf", "a.pdf"),
        ("attachment; filename=", "application/pdf; name=b.pdf", "b.pdf"),
        ("filename=a.pdf", "application/pdf", "a.pdf"),
        ("attachment filename=a.pdf", "application/pdf", "a.pdf"),
        ('"attachment"; filename=a.pdf', "application/pdf", "a.pdf"),
        ("attachment", "application/pdf", None),
    ],
)
def test_the_name_is_looked_for_in_both_fields(
    disposition: str, content_type: str, name: str | None
) -> None:
    """Content-Disposition first (RFC 2183 section 2.3)."""
    assert name == filename(disposition, content_type)


def test_a_long_name_keeps_its_end() -> None:
    """What a program is opened by is the end."""
    assert f"{'a' * 196}.pdf" == safe_filename(f"{'a' * 5_000}.pdf")
    assert "a" * 200 == safe_filename("a" * 5_000)


@pytest.mark.parametrize(
    "piece", ["a=b;", ";", "; ", 'a="x;', '"', 'a="', "a*0=b;", "a*0*=x'", "a=\\", " ", "="]
)
def test_no_parameters_are_slow(piece: str) -> None:
    """As long as a field may be."""
    started = time.process_time()
    read_parameters(b"a/b; " + (piece * (256 * 1024 // len(piece))).encode())

    assert time.process_time() - started < 0.5
