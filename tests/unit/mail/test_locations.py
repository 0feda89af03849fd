import base64

import pytest

from courrier.mail.limits import MAX_LOCATED_IMAGE_BYTES
from courrier.mail.parse import parse

PIXEL = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
WRITTEN = "data:image/gif;base64," + base64.b64encode(PIXEL).decode()


def _message(source: str, image: str, page: str = "", content: bytes = PIXEL) -> bytes:
    """A page and the image that it shows (RFC 2557 section 9.3)."""
    return (
        (
            "Content-Type: multipart/related; boundary=b\n\n"
            f'--b\nContent-Type: text/html\n{page}\n<p>one</p><img alt="a" src={source}>\n'
            f"--b\nContent-Type: image/gif\nContent-Transfer-Encoding: base64\n{image}\n"
        ).encode()
        + base64.encodebytes(content)
        + b"--b--\n"
    )


@pytest.mark.parametrize(
    ("source", "image", "page"),
    [
        ('"one.gif"', "Content-Location: one.gif\n", ""),
        ("'one.gif'", "Content-Location: one.gif\n", ""),
        ('"http://a.example/one.gif"', "Content-Location: http://a.example/one.gif\n", ""),
        (
            '"one.gif"',
            "Content-Location: http://a.example/b/one.gif\n",
            "Content-Location: http://a.example/b/page.html\n",
        ),
        (
            '"/one.gif"',
            "Content-Location: http://a.example/one.gif\n",
            "Content-Base: http://a.example/b/\n",
        ),
        ('"one.gif"', "Content-Location: =?utf-8?q?one=2Egif?=\n", ""),
        ('"file:///C:/one.gif"', "Content-Location: file:///C:/one.gif\n", ""),
    ],
)  # fmt: skip
def test_an_image_named_by_its_location_is_shown(source: str, image: str, page: str) -> None:
    """Without a Content-ID the sanitised page holds the image itself: nothing is fetched."""
    assert f'<p>one</p><img alt="a" src="{WRITTEN}">' == parse(_message(source, image, page)).html


def test_an_image_with_both_names_is_shown_by_its_id() -> None:
    """`cid:` is what the gateway turns into the attachment's own address."""
    image = "Content-Location: one.gif\nContent-ID: <one@a.example>\n"
    message = parse(_message('"one.gif"', image))

    assert '<p>one</p><img alt="a" src="cid:one@a.example">' == message.html
    assert [("one@a.example", "image/gif")] == [
        (each.content_id, each.content_type) for each in message.attachments
    ]


@pytest.mark.parametrize(
    ("source", "image"),
    [
        ('"two.gif"', "Content-Location: one.gif\n"),
        ('"http://[/one.gif"', "Content-Location: one.gif\n"),
        ('"one.gif"', "Content-Location:\n"),
        ('""', "Content-Location: one.gif\n"),
    ],
)
def test_a_source_that_is_no_location_stays_out(source: str, image: str) -> None:
    """What no part is named for is neither shown nor fetched."""
    assert "one.gif" not in (parse(_message(source, image)).html or "")
    assert "data:" not in (parse(_message(source, image)).html or "")


def test_a_large_image_is_not_written_into_the_page() -> None:
    """It is among the attachments."""
    content = bytes(MAX_LOCATED_IMAGE_BYTES + 1)
    message = parse(_message('"one.gif"', "Content-Location: one.gif\n", content=content))

    assert '<p>one</p><img alt="a">' == message.html
    assert [len(content)] == [each.size for each in message.attachments]


def test_an_image_named_ten_thousand_times_does_not_fill_the_memory() -> None:
    """It is written into the page a few times, and the others stay without a picture."""
    source = '"one.gif">' + '<img src="one.gif">' * 10_000 + '<img src="one.gif"'
    content = bytes(MAX_LOCATED_IMAGE_BYTES // 2)
    page = parse(_message(source, "Content-Location: one.gif\n", content=content)).html or ""

    assert 2 == page.count("data:image/gif")
    assert len(page) < 2 * MAX_LOCATED_IMAGE_BYTES + 1_000_000
