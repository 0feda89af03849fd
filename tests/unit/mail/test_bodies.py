import pytest

from courrier.mail.content.enriched import enriched_to_text, richtext_to_text
from courrier.mail.content.flowed import unflow
from courrier.mail.parse import parse

# A tree in short: `kind(child child)`, a leaf `kind=content`, its marks behind `;`.
_KINDS = {
    "mixed": "multipart/mixed", "alt": "multipart/alternative", "rel": "multipart/related",
    "signed": "multipart/signed", "report": "multipart/report", "digest": "multipart/digest",
    "plain": "text/plain", "html": "text/html", "png": "image/png", "pdf": "application/pdf",
    "pgp": "application/pgp-signature", "cal": "text/calendar", "amp": "text/x-amp-html",
    "dsn": "message/delivery-status", "msg": "message/rfc822", "rich": "text/enriched",
    "md": "text/markdown", "odd": "text/x-odd", "csv": "text/csv",
    "rtf": "text/rtf",
}  # fmt: skip
_MARKS = {
    "att": 'Content-Disposition: attachment; filename="f"',
    "inl": 'Content-Disposition: inline; filename="f"',
    "in": "Content-Disposition: inline",
    "cid": "Content-ID: <a@b>",
    "flow": "",
}
Tree = tuple[str, "list[Tree] | str", str]


def _leaf(kind: str, content: str, marks: str = "") -> Tree:
    return kind, content, marks


def _written(tree: Tree, path: str = "b") -> str:
    kind, inside, marks = tree
    parameters = '; name="f"' if "name" in marks.split() else ""
    fields = "".join(f"{_MARKS[mark]}\n" for mark in marks.split() if mark in _MARKS)
    if isinstance(inside, str):
        return f"Content-Type: {_KINDS[kind]}{parameters}\n{fields}\n{inside}"
    children = "".join(
        f"--{path}\n{_written(child, f'{path}{number}')}\n" for number, child in enumerate(inside)
    )
    return f"Content-Type: {_KINDS[kind]}; boundary={path}\n{fields}\n{children}--{path}--\n"


def _read(tree: Tree) -> tuple[list[str], list[str]]:
    message = parse(("From: a@b.example\n" + _written(tree)).encode())
    return message.text.split(), [each.content_type for each in message.attachments]


RTF = r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\b one\b0\par two}"
PLAIN = _leaf("plain", "one")
HTML = _leaf("html", "<p>two</p>")
PNG = _leaf("png", "x", "in cid")


@pytest.mark.parametrize(
    ("tree", "text", "attachments"),
    [
        (("alt", [PLAIN, HTML], ""), "one", []),
        (("alt", [HTML, PLAIN], ""), "one", []),
        (("alt", [PLAIN, _leaf("plain", "four"), HTML], ""), "one four", []),
        (("alt", [PLAIN, ("mixed", [_leaf("plain", "four")], ""), HTML], ""), "one four", []),
        (("alt", [PLAIN, ("mixed", [HTML, _leaf("plain", "four")], "")], ""), "one", []),
        (_leaf("rtf", RTF), "one two", []),
        (("mixed", [_leaf("rtf", RTF), PNG], ""), "one two", ["image/png"]),
        (("mixed", [PLAIN, _leaf("rtf", RTF)], ""), "one", ["text/rtf"]),
        (("mixed", [_leaf("rtf", RTF, "att")], ""), "", ["text/rtf"]),
        (("alt", [_leaf("plain", " \n"), HTML], ""), "two", []),
        (("alt", [_leaf("plain", "Your client cannot show HTML."), HTML], ""), "two", []),
        (("alt", [PLAIN, ("rel", [HTML, PNG], "")], ""), "one", ["image/png"]),
        (("rel", [("alt", [PLAIN, HTML], ""), PNG], ""), "one", ["image/png"]),
        (("alt", [PLAIN, ("mixed", [HTML, _leaf("pdf", "x", "inl"), HTML], "")], ""), "one",
         ["application/pdf"]),
        (("mixed", [PLAIN, PNG, _leaf("plain", "three")], ""), "one three", ["image/png"]),
        (("mixed", [HTML, _leaf("plain", "footer")], ""), "two footer", []),
        (("mixed", [("alt", [PLAIN, HTML], ""), _leaf("plain", "footer")], ""), "one footer", []),
        (("mixed", [PLAIN, _leaf("plain", "x", "att")], ""), "one", ["text/plain"]),
        (("mixed", [PLAIN, _leaf("html", "x", "name")], ""), "one", ["text/html"]),
        (("mixed", [PLAIN, _leaf("plain", "x", "name")], ""), "one", ["text/plain"]),
        (("mixed", [PLAIN, _leaf("plain", "three", "inl")], ""), "one three", []),
        (("mixed", [_leaf("plain", "one", "name inl"), PNG], ""), "one", ["image/png"]),
        (("alt", [_leaf("plain", "one", "name"), _leaf("html", "two", "name")], ""), "one", []),
        (("mixed", [_leaf("plain", "two"), HTML], ""), "two", []),
        (("signed", [("mixed", [PLAIN, PNG], ""), _leaf("pgp", "x")], ""), "one",
         ["image/png", "application/pgp-signature"]),
        (("report", [PLAIN, _leaf("dsn", "a: b"), _leaf("msg", "Subject: c\n\nd")], ""), "one",
         ["message/delivery-status", "message/rfc822"]),
        (("mixed", [PLAIN, _leaf("msg", "Subject: c\n\nd")], ""), "one", ["message/rfc822"]),
        (("alt", [PLAIN, HTML, _leaf("cal", "x")], ""), "one", ["text/calendar"]),
        (("alt", [PLAIN, _leaf("amp", "x"), HTML], ""), "one", ["text/x-amp-html"]),
        (("alt", [_leaf("plain", "a"), _leaf("plain", "b")], ""), "a b", []),
        (_leaf("rich", "<bold>a</bold> b"), "a b", []),
        (("mixed", [_leaf("md", "# a"), PNG], ""), "# a", ["image/png"]),
        (_leaf("odd", "a"), "a", []),
        (_leaf("csv", "a"), "", ["text/csv"]),
        (_leaf("plain", "a", "att"), "", ["text/plain"]),
        (("rel", [HTML, _leaf("html", "x", "cid")], ""), "two", ["text/html"]),
    ],
)  # fmt: skip
def test_the_body_is_what_the_sender_wrote(tree: Tree, text: str, attachments: list[str]) -> None:
    """Every leaf is read once: as body, in the form that is text, or as an attachment."""
    assert (text.split(), attachments) == _read(tree)


def test_a_part_that_lost_its_type_adds_nothing_to_the_plain_one() -> None:
    """In an alternative it is more likely the HTML than more text."""
    written = _written(("alt", [PLAIN, HTML], "")).replace("Content-Type: text/html", "Type: x")

    assert "one" == parse(written.encode()).text.strip()


def test_text_between_html_is_shown_with_it() -> None:
    """An alternative whose rich form is in several parts loses none of them."""
    mixed = ("mixed", [HTML, PNG, _leaf("plain", "four")], "")
    message = parse(_written(("alt", [PLAIN, mixed], "")).encode())

    assert message.html == '<p>two</p>\n<div style="white-space:pre-wrap">four</div>'


@pytest.mark.parametrize(
    ("text", "delete_space", "read"),
    [
        ("a \nb\nc", False, "a b\nc"),
        ("a \nb", True, "ab"),
        ("  a\n >b\n From c", False, " a\n>b\nFrom c"),
        ("> a \n> b\nc \n> d", False, "> a b\nc \n> d"),
        (">> a \n>>b\n>c", False, ">> a b\n> c"),
        ("a\n-- \nb", False, "a\n-- \nb"),
        ("> a\n> -- \n> b", False, "> a\n> -- \n> b"),
        ("a \n\nb", False, "a \n\nb"),
        ("> a\n>\n> b", False, "> a\n>\n> b"),
        ("", False, ""),
    ],
)
def test_flowed_lines_become_paragraphs(text: str, delete_space: bool, read: str) -> None:  # noqa: FBT001
    """RFC 3676 section 4: joined within a quote depth, unstuffed, signatures left alone."""
    assert unflow(text, delete_space=delete_space) == read


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<bold>a</bold>\nb\n\nc\n\n\nd", "a b\nc\n\nd"),
        ("<color><param>red</param>a</color> <<b>", "a <b>"),
        ("<nofill>a\nb</nofill>\nc", "a\nb c"),
        ("a</param><odd-1>b", "ab"),
    ],
)
def test_enriched_text_is_read_without_its_commands(source: str, text: str) -> None:
    """RFC 1896."""
    assert text == enriched_to_text(source)


def test_richtext_is_read_without_its_commands() -> None:
    """RFC 1341 section 7.1.3."""
    source = "<bold>a</bold>\nb<nl>c <lt>d> <comment>no</comment><paragraph>e</paragraph>f"

    assert richtext_to_text(source) == "a b\nc <d> e\n\nf"
