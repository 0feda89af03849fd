import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courrier.mail.html_text import html_to_text
from courrier.mail.sanitise import safe_html


def safe(source: str) -> str:
    """One HTML body, sanitised."""
    return safe_html([(source, True)])


ATTACKS = [
    "<script>x()</script>", "<img src=x onerror=x()>", "<a href='java&#10;script:x()'>a</a>",
    "<a href=' \x01javascript:x()'>a</a>", "<a href='data:text/html,x'>a</a>", "<svg><a href=x>",
    "<math><mtext><table><mglyph><style><img src=x onerror=x()>", "<form action=x><input></form>",
    "<meta http-equiv=refresh content='0;url=http://e'>", "<base href=http://e>",
    "<link rel=stylesheet href=http://e>", "<style>@import 'http://e'</style>", "<iframe src=x>",
    "<p style='background:url(http://e)'>", "<p style='width:expression(x())'>",
    "<p style='color:\\75rl(http://e)'>", "<!--[if mso]><img src=http://e><![endif]-->",
    "<img src=http://e/x.png>", "<img srcset='http://e 2x'>", "<img src=//e/x.png>",
    "<a title='<img src=' href='https://e'><img src='http://e/'>", "<video poster=http://e>",
    "<b title='<img x='><img src='http://e/1'>", "<object data=x>", "<embed src=x>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>", "<td background=http://e>",
    "<p style='position:fixed;top:0'>", "<noscript><p title='</noscript><img src=x onerror=x()>'>",
    "<img data-remote-src='javascript:x()'>",
]  # fmt: skip
FORBIDDEN = re.compile(
    r"<(?:script|svg|math|form|input|meta|base|link|style|iframe|object|embed|video)\b"
    r"|\son\w+=|href=\"data|javascript|url\(|expression|\\|@import|<!--|position|\ssrcset|\sbackground="
    r"|<img[^>]*\ssrc=\"(?!cid:|data:image/(?!svg))",
    re.IGNORECASE,
)


@pytest.mark.parametrize("source", ATTACKS)
def test_nothing_runs_and_nothing_is_fetched(source: str) -> None:
    """The result may be put into a page as it is."""
    assert FORBIDDEN.search(re.sub(r'title="[^"]*"', "", safe(source))) is None


@given(st.lists(st.sampled_from([*ATTACKS, "<table>", "</p>", "<a>", "<b>", "x", "<td>"])))
@settings(max_examples=200, deadline=None)
def test_the_result_does_not_change_when_read_again(pieces: list[str]) -> None:
    """A second parser cannot see another tree in it."""
    once = safe("".join(pieces))

    assert FORBIDDEN.search(re.sub(r'title="[^"]*"', "", once)) is None
    assert safe(once) == once


def test_what_people_need_is_kept() -> None:
    """Links, lists, tables, quotes, emphasis and enclosed images."""
    source = (
        '<p>a <b>b</b> <a href="mailto:a@b.example" rel="noopener noreferrer">c</a></p>'
        '<ul><li>d</li></ul><blockquote>e</blockquote><img src="cid:f@g">'
        '<p style="color:red;margin:0 4px">h</p>'
    )

    assert safe(source) == source


def test_a_remote_image_waits_for_consent() -> None:
    """Its address is kept where it loads nothing."""
    assert safe("<img src='https://e.example/x.png' alt=y>") == (
        '<img data-remote-src="https://e.example/x.png" alt="y">'
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a<br>b<p>c</p>d", "a\nb\n\nc\n\nd"),
        ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
        ("<table><tr><td>a<td>b</td></tr><tr><td>c</table>", "a b\nc"),
        ("<div style='display:none'>x<div>y</div></div>z", "z"),
        ("<p hidden>x</p>y &amp; z&nbsp;!", "y & z !"),
        ("a<script>if (1<2) x</script>b<!-- c -->d", "abd"),
        ("<pre>a\n  b</pre>", "a\n b"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<a title='>'>x</a>", "x"),
        ("<blockquote type=cite>a<br>b</blockquote>c", "> a\n> b\n\nc"),
        ("<img alt='Logo'>", "Logo"),
    ],
)
def test_html_reads_as_a_person_would_read_it(source: str, text: str) -> None:
    """Blocks become lines, hidden text goes, marks of quotation stay."""
    assert re.sub(r"[ \t]+", " ", html_to_text(source)) == text
