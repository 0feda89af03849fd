"""Which parts of a message are its body and which are files, as programs of all decades write."""

import pytest

from courrier.mail.parse import parse


@pytest.mark.parametrize(
    ("message", "text", "files"),
    [
        (
            (
                b"alternative; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n"
                b"--BB--\r\n"
            ),
            "Hello",
            [],
        ),
        (
            (
                b"alternative; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/html\r\n\r\n"
                b"<p>Hello</p>\r\n--BB\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
                b"--BB--\r\n"
            ),
            "Hello",
            [],
        ),
        (
            (
                b"alternative; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"\r\n--BB\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n--BB--\r\n"
            ),
            "Hello",
            [],
        ),
        (
            (
                b"alternative; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/html\r\n\r\n"
                b"<p>Hello</p>\r\n--BB--\r\n"
            ),
            "Hello",
            [],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: text/plain\r\n\r\nWorld\r\n--BB--\r\n"
            ),
            "Hello\nWorld",
            [],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: text/plain\r\n"
                b"Content-Disposition: inline\r\n\r\nWorld\r\n--BB--\r\n"
            ),
            "Hello\nWorld",
            [],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: text/plain\r\n"
                b"Content-Disposition: attachment\r\n\r\nWorld\r\n--BB--\r\n"
            ),
            "Hello",
            [(None, "text/plain", 5, False)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: text/plain; name=notes.txt\r\n"
                b"Content-Disposition: attachment; filename=notes.txt\r\n\r\nWorld\r\n"
                b"--BB--\r\n"
            ),
            "Hello",
            [("notes.txt", "text/plain", 5, False)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: text/x-patch; name=a.patch\r\n\r\n+x\r\n"
                b"--BB--\r\n"
            ),
            "Hello",
            [("a.patch", "text/x-patch", 2, False)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/html\r\n\r\n"
                b"<p>Hello</p>\r\n--BB\r\nContent-Type: text/plain\r\n\r\nFooter\r\n"
                b"--BB--\r\n"
            ),
            "Hello\nFooter",
            [],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: text/html\r\n\r\n<p>World</p>\r\n"
                b"--BB--\r\n"
            ),
            "Hello\nWorld",
            [],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: text/html; name=x.html\r\n"
                b"Content-Disposition: attachment; filename=x.html\r\n\r\n<p>World</p>\r\n"
                b"--BB--\r\n"
            ),
            "Hello",
            [("x.html", "text/html", 12, False)],
        ),
        (
            (
                b'related; boundary=BB; type="text/html"\r\n\r\n--BB\r\n'
                b"Content-Type: text/html\r\n\r\n<p>Hello <img src=cid:i1></p>\r\n--BB\r\n"
                b"Content-Type: image/png\r\nContent-ID: <i1>\r\n"
                b"Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--BB--\r\n"
            ),
            "Hello",
            [(None, "image/png", 3, True)],
        ),
        (
            (
                b"related; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/html\r\n\r\n"
                b"<p>Hello <img src='cid:i1@x'></p>\r\n--BB\r\n"
                b'Content-Type: image/png; name="logo.png"\r\nContent-ID: <i1@x>\r\n'
                b'Content-Disposition: inline; filename="logo.png"\r\n'
                b"Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--BB--\r\n"
            ),
            "Hello",
            [("logo.png", "image/png", 3, True)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b'Hello\r\n--BB\r\nContent-Type: image/jpeg; name="a.jpg"\r\n'
                b"Content-Disposition: inline; filename=a.jpg\r\n"
                b"Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--BB\r\n"
                b"Content-Type: text/plain\r\n\r\nSent from my phone\r\n--BB--\r\n"
            ),
            "Hello\nSent from my phone",
            [("a.jpg", "image/jpeg", 3, True)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: message/rfc822\r\n\r\n"
                b"From: z@x.example\r\nSubject: inner\r\n\r\nInner text\r\n--BB--\r\n"
            ),
            "Hello",
            [(None, "message/rfc822", 47, False)],
        ),
        (
            (
                b"digest; boundary=BB\r\n\r\n--BB\r\n\r\nFrom: a@x.example\r\n"
                b"Subject: one\r\n\r\nOne\r\n--BB\r\n\r\nFrom: b@x.example\r\n"
                b"Subject: two\r\n\r\nTwo\r\n--BB--\r\n"
            ),
            "",
            [(None, "message/rfc822", 38, False), (None, "message/rfc822", 38, False)],
        ),
        (
            (
                b'signed; boundary=BB; micalg=pgp-sha1; protocol="application/'
                b'pgp-signature"\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\nHello\r\n'
                b'--BB\r\nContent-Type: application/pgp-signature; name="signature.asc"\r\n'
                b"Content-Description: sig\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n"
                b"--BB--\r\n"
            ),
            "Hello",
            [("signature.asc", "application/pgp-signature", 29, False)],
        ),
        (
            (
                b"signed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\n"
                b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n'
                b"Content-Transfer-Encoding: base64\r\n"
                b'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\nAAEC\r\n'
                b"--BB--\r\n"
            ),
            "Hello",
            [("smime.p7s", "application/pkcs7-signature", 3, False)],
        ),
        (
            (
                b"encrypted; boundary=BB\r\n\r\n--BB\r\n"
                b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--BB\r\n"
                b"Content-Type: application/octet-stream\r\n\r\nxyz\r\n--BB--\r\n"
            ),
            "",
            [
                (None, "application/pgp-encrypted", 10, False),
                (None, "application/octet-stream", 3, False),
            ],
        ),
        (
            (
                b"Version: 1.0\nContent-Type: multipart/mixed; "
                b"boundary=BB\n\n--BB\nContent-Type: text/plain\n\nHello\n--BB--\n"
            ),
            "Hello",
            [],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nMIME-Version: 1.0\r\n"
                b"Content-Type: multipart/alternative; boundary=BB2\r\n\r\n--BB2\r\n"
                b"Content-Type: text/plain\r\n\r\nHello\r\n--BB2\r\n"
                b"Content-Type: text/html\r\n\r\n<p>Hello</p>\r\n--BB2--\r\n\r\n--BB\r\n"
                b"Content-Type: application/pdf; name=r.pdf\r\n\r\nx\r\n--BB--\r\n"
            ),
            "Hello",
            [("r.pdf", "application/pdf", 1, False)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: application/octet-stream\r\n"
                b"Content-Transfer-Encoding: base64\r\nContent-ID: <x@y>\r\n\r\nAAEC\r\n"
                b"AwQF\r\n\r\n\r\n--BB--\r\n"
            ),
            "Hello",
            [(None, "application/octet-stream", 6, True)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: application/octet-stream; name=x\r\n\r\n"
                b"line1\r\nline2\r\n\r\n--BB--\r\n"
            ),
            "Hello",
            [("x", "application/octet-stream", 14, False)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: application/octet-stream; name=x\r\n"
                b"Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\nc\r\n"
                b"--BB--\r\n"
            ),
            "Hello",
            [("x", "application/octet-stream", 4, False)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: application/octet-stream; name=x\r\n"
                b"Content-Transfer-Encoding: binary\r\n\r\n\x00\x01\r\x02\r\n--BB--\r\n"
            ),
            "Hello",
            [("x", "application/octet-stream", 4, False)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: application/octet-stream; name=x\r\n"
                b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n#0V%T\r\n"
                b"`\r\nend\r\n\r\n--BB--\r\n"
            ),
            "Hello",
            [("x", "application/octet-stream", 3, False)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: application/octet-stream; name=x\r\n\r\n"
                b"\r\n--BB--\r\n"
            ),
            "Hello",
            [("x", "application/octet-stream", 0, False)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: APPLICATION/PDF; NAME=x.pdf\r\n\r\nq\r\n"
                b"--BB--\r\n"
            ),
            "Hello",
            [("x.pdf", "application/pdf", 1, False)],
        ),
        (
            (
                b"mixed; boundary=BB\r\n\r\n--BB\r\nContent-Type: text/plain\r\n\r\n"
                b"Hello\r\n--BB\r\nContent-Type: image/gif; name=x.gif\r\n"
                b"Content-ID: bare@id\r\n\r\nq\r\n--BB--\r\n"
            ),
            "Hello",
            [("x.gif", "image/gif", 1, True)],
        ),
        (
            (
                b"appledouble; boundary=BB\r\n\r\n--BB\r\n"
                b'Content-Type: application/applefile; name="%a.doc"\r\n\r\nz\r\n--BB\r\n'
                b'Content-Type: application/msword; name="a.doc"\r\n\r\nq\r\n--BB--\r\n'
            ),
            "",
            [
                ("%a.doc", "application/applefile", 1, False),
                ("a.doc", "application/msword", 1, False),
            ],
        ),
    ],
)
def test_parts_are_body_or_file(
    message: bytes, text: str, files: list[tuple[str | None, str, int, bool]]
) -> None:
    """The name, type, size after decoding and place of every part that is not the body."""
    read = parse(b"Content-Type: multipart/" + message, with_html=False)

    assert text == read.text
    assert files == [
        (each.filename, each.content_type, each.size, each.inline) for each in read.attachments
    ]
