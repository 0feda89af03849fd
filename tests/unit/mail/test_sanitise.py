import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courrier.mail.html.sanitise import safe_html
from support.html_attacks import ATTACKS

TAGS = {
    "a", "abbr", "acronym", "address", "article", "aside", "b", "bdi", "bdo", "big",
    "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main",
    "mark", "nav", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time",
    "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
WORDS = {
    "abbr", "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "color",
    "colspan", "datetime", "dir", "face", "height", "hspace", "lang", "nowrap", "open",
    "reversed", "rowspan", "scope", "size", "span", "start", "summary", "title", "type",
    "valign", "value", "vspace", "width",
}  # fmt: skip
URLS = {
    "href": re.compile(r"(?:https?://[^/\\]|mailto:[^/:])[^\s\\<>\"`]*\Z", re.IGNORECASE),
    "src": re.compile(
        r"cid:[^/:\\<>\"`\s][^:\\<>\"`\s]*\Z"
        r"|data:image/(?:png|gif|jpeg);base64,[\w+/=]*\Z"
    ),
    "data-remote-src": re.compile(r"(?:https?:)?//[^/\\][^\s\\<>\"`]*\Z", re.IGNORECASE),
    "rel": re.compile(r"noopener noreferrer\Z"),
    "style": re.compile(r"(?!.*(?:position|url|expression|@|\\|/\*|image|binding|behavio|z-index))"
                        r"(?:[a-z-]+:[^;:(){}<>]*(?:rgba?\([^()]*\))?[^;:(){}<>]*(?:;|\Z))+\Z"),
}  # fmt: skip


def safe(source: str) -> str:
    """One HTML body, sanitised."""
    return safe_html([(source, True)])


class _Judge(HTMLParser):
    """A reader that knows nothing of the sanitiser, and calls every piece that is not harmless."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            harmless = name in WORDS or (name in URLS and URLS[name].match(value or ""))
            if not harmless or re.search("[<>`]", value or ""):
                self.faults.append(f"{name}={value}")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"<!{decl}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"<?{data}")


def faults(shown: str) -> list[str]:
    """What in a result could run, fetch, cover or be read in two ways."""
    judge = _Judge()
    judge.feed(shown)
    judge.close()
    return judge.faults


@pytest.mark.parametrize("source", ATTACKS)
def test_nothing_runs_and_nothing_is_fetched(source: str) -> None:
    """The result may be put into a page as it is."""
    shown = safe(source)

    assert [] == faults(shown)
    assert safe(shown) == shown


_NAMES = (
    "a b p i div span table tr td th ul li form math svg mtext mglyph style script noscript select "
    "option template textarea title img br pre h1 nobr font button object caption x-y"
)
_TAGS = st.builds(
    "<{}{} {}={}{}".format,
    st.sampled_from(["", "/"]),
    st.sampled_from(_NAMES.split()),
    st.sampled_from(["style", "href", "src", "title", "onclick", "id", "data-remote-src", "width"]),
    st.text(alphabet="\"'<>=`a/:;-&\x00\n (#!)", max_size=12),
    st.sampled_from([">", "/>", "'>", '">', ""]),
)
_SOUP = st.lists(
    _TAGS
    | st.sampled_from(ATTACKS)
    | st.text(max_size=8)
    | st.sampled_from(["<!--", "-->", "]]>"]),
    max_size=25,
).map("".join)


@given(_SOUP)
@settings(max_examples=250, deadline=None)
def test_no_soup_of_tags_gives_two_readings(source: str) -> None:
    """A second parser cannot see another tree in it."""
    shown = safe(source)

    assert [] == faults(shown)
    assert safe(shown) == shown


KEPT = [
    '<p>a <b>b</b> <a href="mailto:a@b.example" rel="noopener noreferrer">c</a></p>',
    '<ul><li>d</li></ul><blockquote type="cite">e</blockquote><img src="cid:f@g">',
    '<p style="color:red;margin:0 4px">h</p>',
    '<img src="data:image/png;base64,iVBORw0KGgo=" alt="logo" width="20" height="10">',
    '<table width="100%" border="0"><tbody><tr><td colspan="2">i</td></tr></tbody></table>',
    '<p align="center" bgcolor="#ffffff">q</p>',
    '<font color="#1f497d" face="Calibri, sans-serif" size="+1">j</font>',
    '<ol start="3" type="a"><li>k</li></ol>',
    "<pre>l\n  m</pre>",
    '<p style="text-indent:-18.0pt;margin-left:36.0pt">n</p>',
    "<span style=\"font-family:'微软雅黑',&quot;Segoe UI&quot;\">o</span>",
    '<a href="https://a.example/?b=c&amp;d=e#f" rel="noopener noreferrer">g</a>',
    '<p dir="rtl" lang="ar">مرحبا</p>',
]


@pytest.mark.parametrize("source", KEPT)
def test_what_people_need_is_kept(source: str) -> None:
    """Links, lists, tables, quotes, emphasis, colours, fonts and enclosed images."""
    assert safe(source) == source


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<img src='https://e.example/x.png' alt=y>",
         '<img data-remote-src="https://e.example/x.png" alt="y">'),
        ("<img src=' //e.example/a b.png\n'>", '<img data-remote-src="//e.example/a%20b.png">'),
        ("<a href=' https://e.example/a b'>c</a>",
         '<a href="https://e.example/a%20b" rel="noopener noreferrer">c</a>'),
        ("<a href='www.e.example'>c</a>",
         '<a href="http://www.e.example" rel="noopener noreferrer">c</a>'),
        ("<td style='background:#FFF url(//e.example/a.png) no-repeat'>a",
         "a"),
        ("<p style='background:#FFF url(//e.example/a.png) no-repeat'>a</p>",
         '<p style="background-color:#FFF">a</p>'),
        ("<p style='/* a */ COLOR : Red ;; width:expression(hit())'>a</p>",
         '<p style="color:Red">a</p>'),
        ("<p style='width:expression;color:red'>a</p>", '<p style="color:red">a</p>'),
        ("<img src=' cid:a b@c '>", '<img src="cid:a%20b@c">'),
        ("<p style='margin-top:-20px;color:red'>a</p>", '<p style="color:red">a</p>'),
        ("<form><button>send</button><label>it</label></form>", "sendit"),
        ("<pre>\n\n\n\n\n\n\n\na</pre>", "<pre>a</pre>"),
        ("a\x01b\x0cc&#1;d\uffff", "a b c d "),
        ("<xmp><b>a</b></xmp>", "&lt;b&gt;a&lt;/b&gt;"),
    ],
)  # fmt: skip
def test_what_is_not_safe_is_brought_into_a_safe_form(source: str, shown: str) -> None:
    """An address waits where it loads nothing, a colour outlives its image, words stay."""
    assert shown == safe(source)


@pytest.mark.parametrize(
    ("sheet", "source", "shown"),
    [
        ("p.a, li.a{margin:0cm;mso-x:y}", "<p class=a>b", '<p style="margin:0cm">b</p>'),
        ("p{color:red}.A{color:blue}#i{color:lime}", "<p id=i class='x a' style='color:pink'>b",
         '<p style="color:red;color:blue;color:lime;color:pink">b</p>'),
        ("@media print{p{color:red}} @import 'x'; p:hover{color:red} div p{color:red}", "<p>b",
         "<p>b</p>"),
        ("/* p{ */ p{font-family:'A B'} <!-- -->", "<p style=\"font:x 'c'\">b",
         "<p style=\"font-family:'a b';font:x 'c'\">b</p>"),
        ("p{position:fixed;background:url(//e.example) red}", "<p>b",
         '<p style="background-color:red">b</p>'),
        ("p{color:red", "<p>b", "<p>b</p>"),
        ("</style><!--[if mso]><style>p{color:red}</style><![endif]-->", "<p>b", "<p>b</p>"),
        ("</style><style media=print>p{color:red}", "<p>b", "<p>b</p>"),
        ("</style><!--[if !mso]><!--><style>p{width:1px}</style><!--<![endif]-->", "<p>b",
         '<p style="width:1px">b</p>'),
        ("p{color:red}</style><style>p{width:1px}", "<P>b",
         '<p style="color:red;width:1px">b</p>'),
    ],
)  # fmt: skip
def test_simple_rules_of_a_sheet_go_to_their_elements(sheet: str, source: str, shown: str) -> None:
    """Word's paragraphs have no margins, newsletters their colours; what is not safe stays out."""
    assert shown == safe(f"<style>{sheet}</style>{source}")


def test_an_image_that_nobody_can_see_is_not_waited_for() -> None:
    """It would only tell its sender when the message is read."""
    pixel = '<img src="https://e.example/o.gif" height="1" width="1" alt="">'
    spacer = '<img src="cid:a@b" height="1" width="1">'

    assert safe(f"<p>a{pixel}{spacer}</p>") == f"<p>a{spacer}</p>"


def test_plain_stretches_keep_their_lines() -> None:
    """Text beside HTML is shown as it was written."""
    assert '<div style="white-space:pre-wrap">a &lt;b<br>  c</div>\n<p>d</p>' == safe_html(
        [("a <b\n  c\n", False), ("<p>d</p>", True)]
    )


@pytest.mark.parametrize("name", ["title", "alt", "style", "href", "src", "rel", "width", "x"])
@pytest.mark.parametrize("quote", ['="', '=" ', ' ="', '="&quot;'])
def test_words_that_look_like_attributes_hide_none(name: str, quote: str) -> None:
    """A quotation mark in words for people takes nothing behind it for a value."""
    shown = safe(
        f'<p>a {name}{quote}<a href="javascript:x" style="position:fixed;color:red">b</a>'
        f'<img src="https://e.example/o" onerror="x" title="&lt;i&gt;"></p>'
    )

    assert '<a style="color:red" rel="noopener noreferrer">b</a>' in shown
    assert '<img data-remote-src="https://e.example/o"' in shown
    assert "javascript" not in shown
    assert "onerror" not in shown
