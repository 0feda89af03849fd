"""Names of files in every form that programs give them, and parts of every kind."""

import pytest

from courrier.mail.parse import parse

_AROUND = (
    b"Content-Type: multipart/mixed; boundary=BB\r\n\r\n--BB\r\n\r\nHello\r\n--BB\r\n%b\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--BB--\r\n"
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            (b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="r.pdf"'),
            "r.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename=report.pdf"
            ),
            "report.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="annual report.pdf"'
            ),
            "annual report.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename=annual report.pdf"
            ),
            "annual report.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: ATTACHMENT; FILENAME=Up.PDF"
            ),
            "Up.PDF",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.pdf"
            ),
            "café.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename*=iso-8859-1'fr'caf%E9.pdf"
            ),
            "café.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename*0="very long "; fi'
                b'lename*1="name.pdf"'
            ),
            "very long name.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename*0*=utf-8''caf%C3%A"
                b'9%20; filename*1="du nord"; filename*2*=%2Epdf'
            ),
            "café du nord.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename*1="name.pdf"; file'
                b'name*0="very long "'
            ),
            "very long name.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="=?utf-8?Q?caf=C3=A9.pdf?="'
            ),
            "café.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename==?utf-8?Q?caf=C3=A9.pdf?="
            ),
            "café.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="=?utf-8?B?Y2Fmw6k'
                b'=?= =?utf-8?Q?.pdf?="'
            ),
            "café.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="=?utf-8?B?Y2Fmw6k=?=\r\n'
                b' =?utf-8?Q?_x.pdf?="'
            ),
            "café x.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="caf\xc3\xa9.pdf"'
            ),
            "café.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="caf\xe9.pdf"'
            ),
            "café.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="\xbb\xe1\xd2\xe9\xcd\xa8\xd6'
                b'\xaa.pdf"'
            ),
            "会议通知.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream; name=n.bin\r\n"
                b"Content-Disposition: attachment"
            ),
            "n.bin",
        ),
        (
            (
                b"Content-Type: application/octet-stream; name=n.bin\r\n"
                b'Content-Disposition: attachment; filename="d.bin"'
            ),
            "d.bin",
        ),
        (
            (
                b'Content-Type: application/octet-stream; name="=?iso-8859-1?Q'
                b'?caf=E9.bin?="\r\nContent-Disposition: attachment'
            ),
            "café.bin",
        ),
        (
            (
                b"Content-Type: application/octet-stream; name*=utf-8''caf%C3%A9.bin\r\n"
                b"Content-Disposition: attachment"
            ),
            "café.bin",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="../../etc/passwd"'
            ),
            "passwd",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="C:\\\\Docs\\\\a.doc"'
            ),
            "a.doc",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="C:\\Docs\\a.doc"'
            ),
            "a.doc",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="a;b.pdf"'
            ),
            "a;b.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="a.pdf"; size=3; c'
                b'reation-date="Mon, 12 Jan 2026 10:11:12 GMT"'
            ),
            "a.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="fallback.pdf"; fi'
                b"lename*=utf-8''caf%C3%A9.pdf"
            ),
            "café.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="long\r\n name.pdf"'
            ),
            "long name.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename="
            ),
            None,
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename=""'
            ),
            None,
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment filename=x.pdf"
            ),
            "x.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment;filename=x.pdf"
            ),
            "x.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename = x.pdf"
            ),
            "x.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename=x.pdf;"
            ),
            "x.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="unclosed.pdf'
            ),
            "unclosed.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename*=UTF-8''%e2%82%ac%20rates.pdf"
            ),
            "€ rates.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename*=%e2%82%ac.pdf"
            ),
            "€.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="100% done.pdf"'
            ),
            "100% done.pdf",
        ),
        ((b"Content-Type: image/png\r\nContent-Disposition: inline; filename=x.png"), "x.png"),
        (
            (b"Content-Type: application/octet-stream\r\nContent-Disposition: filename=x.png"),
            "x.png",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="(1) paid.pdf"'
            ),
            "(1) paid.pdf",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b"Content-Disposition: attachment; filename=.bashrc"
            ),
            ".bashrc",
        ),
        (
            (
                b"Content-Type: application/octet-stream\r\n"
                b'Content-Disposition: attachment; filename="file.pdf "'
            ),
            "file.pdf",
        ),
    ],
)
def test_files_are_named_as_their_senders_meant(header: bytes, expected: str | None) -> None:
    """RFC 2183, 2231, 2047 and what is written instead of them; never a path."""
    read = parse(_AROUND % header, with_html=False)

    assert [(expected, 3)] == [(each.filename, each.size) for each in read.attachments]
    assert "Hello" == read.text
