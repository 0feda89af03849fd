import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courrier.mail.writing.css_inlining import MAX_CSS_CHARS, Uninlinable, inline_css

SHEET = "<style>p{color:red} a:hover{color:blue} @media print{p{color:green}}</style>"


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("<style>p{color:red}</style><p>x</p>", '<p style="color: red;">x</p>'),
        ("<style>.a b{margin:0}</style><p class=a><b>x</b>", '<b style="margin: 0;">x</b>'),
        ("<style>#a{top:0}p{top:1px}</style><p id=a>x</p>", '<p id="a" style="top: 0;">x</p>'),
        ("<style>p{color:red}</style><p style='color:blue'>x", '<p style="color: blue">x</p>'),
        (
            "<style>p{color:red !important}</style><p style='color:blue'>x",
            '<p style="color: red !important">x</p>',
        ),
        ("<STYLE type=text/css>p{top:0}</STYLE><p>x", '<p style="top: 0;">x</p>'),
    ],
)
def test_rules_are_written_to_their_elements(source: str, written: str) -> None:
    """By the order of the cascade: a more special selector, then the element's own style, wins."""
    assert written in inline_css(source)


def test_what_cannot_stand_at_an_element_stays_in_the_sheet() -> None:
    """Phones follow media queries, and web mail knows hovering."""
    inlined = inline_css(f"{SHEET}<p>x <a href='https://a.example/?b=1&amp;c=2'>y</a></p>")
    sheet = inlined.partition("<style>")[2].partition("</style>")[0]

    assert "@media print{p{color:green}}" in sheet
    assert "a:hover { color: blue; }" in sheet
    assert "red" not in sheet
    assert 'href="https://a.example/?b=1&amp;c=2"' in inlined


def test_conditional_comments_for_outlook_stay() -> None:
    """It is they that give it its tables."""
    comment = "<!--[if mso]><table><tr><td><![endif]-->"

    assert comment in inline_css(f"{SHEET}{comment}<p>x</p>")


def test_nothing_is_loaded(tmp_path: Path) -> None:
    """Not from the network, not from this machine, whoever wrote the template."""
    local = tmp_path / "local.css"
    local.write_text("p{color:purple}")
    source = "".join(
        f"<link rel=stylesheet href='{url}'><style>@import '{url}';</style>"
        for url in (local.as_uri(), str(local), "http://127.0.0.1:9/x.css")
    )

    assert "purple" not in inline_css(f"{source}<p>x</p>")


def test_html_without_a_sheet_stays_as_it_is() -> None:
    """Fragments and documents alike."""
    assert inline_css("<p>x") == "<p>x"


@given(st.text(st.sampled_from("<>/stylep{}:*;.#@()[]\"'\\,= \nbé&!-"), max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_sheet_is_inlined_or_refused_and_always_alike(text: str) -> None:
    """Templates are written by people, and the same one gives the same message."""

    def outcome() -> str:
        try:
            return inline_css(f"<style>{text}</style><p class=a>{text}</p>")
        except Uninlinable as refusal:
            return str(refusal)

    assert outcome() == outcome()


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(SHEET + "<div>" * 50_000, id="deep"),
        pytest.param(SHEET + "<div><!--</div>-->" * 50_000, id="deep behind comments"),
        pytest.param(SHEET + "<svg>" + "<td>" * 50_000, id="deep in a drawing"),
        pytest.param(SHEET + "<div>" * 1_000, id="deeper than people write"),
        pytest.param(SHEET + "x" * 600_000, id="long"),
        pytest.param(f"<style>{'p{top:0}' * 5_000}</style>" + "<p>" * 1_000, id="many matches"),
        pytest.param(f"<style>p{{a:{'x' * 200_000}}}</style>" + "<p>" * 4_000, id="much to write"),
        pytest.param(f"<style>{' ' * MAX_CSS_CHARS}</style>", id="long sheet"),
        pytest.param("<style>div:has(p){top:0}</style><p>", id="has"),
        pytest.param(r"<style>div:h\61s(p){top:0}</style><p>", id="has, hidden"),
        pytest.param("<style>p{top:0}" + "<p>" * 6_000, id="unclosed sheet"),
    ],
)
def test_what_would_take_long_or_crash_is_refused(source: str) -> None:
    """At once, whatever it is."""
    started = time.perf_counter()

    with pytest.raises(Uninlinable):
        inline_css(source)

    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<style>i div > div b{top:0}</style>" + "<div>" * 350 + "<b>", id="paths"),
        pytest.param(f"<style>{'*{top:0}' * 700}</style>" + "<p>x" * 4_000, id="many matches"),
        pytest.param(f"<style>{'@media print{' * 9_000}</style><p>", id="nested queries"),
        pytest.param(f"<style>{':is(' * 9_000}</style><p>", id="nested selectors"),
        pytest.param(f"<style>p{{a:{'(' * 90_000}}}</style><p>", id="brackets"),
        pytest.param(SHEET + "".join(f"<b id=a{n}><p>" for n in range(400)), id="misnested"),
    ],
)
def test_what_is_within_the_limits_does_not_take_long(source: str) -> None:
    """A second at the very most, on a machine that does other things."""
    started = time.perf_counter()
    inline_css(source)

    assert time.perf_counter() - started < 1
