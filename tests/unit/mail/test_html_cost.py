import time

import pytest

from courrier.mail.html.cost import nests_too_much
from courrier.mail.html.sanitise import safe_html

ROW = '<tr><td class="a"><a href="https://x.example/1">Read <b>more</b></a><br></td></tr>'


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param("<div>", id="open"),
        pytest.param("<div><!--</div>-->", id="end in a comment"),
        pytest.param("<div title='</div>'>", id="end in a value"),
        pytest.param('<div title="a</div>">', id="end in a value behind words"),
        pytest.param("<b><!--</b>--><p>", id="misnested behind comments"),
    ],
)
def test_depth_is_seen_whatever_hides_it(piece: str) -> None:
    """An end tag that no browser sees ends nothing; the answer comes at once, as text."""
    source = piece * 20_000
    started = time.perf_counter()
    shown = safe_html([(source, True)])

    assert nests_too_much(source)
    assert shown.count("<div") == 1
    assert time.perf_counter() - started < 2


def test_nothing_closes_itself_in_a_drawing() -> None:
    """There a cell within a cell within a cell is a tree as deep."""
    assert nests_too_much("<svg>" + "<td>" * 1_000)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"<table>{ROW * 900}</table>", id="newsletter"),
        pytest.param(
            f"<!--[if mso]><table><tr><td><![endif]--><table>{ROW * 900}</table>"
            "<!--[if mso]></td></tr></table><![endif]-->",
            id="newsletter with tables for Outlook",
        ),
        pytest.param('<p>It\'s <i>"so</i> be it"</p>' * 500, id="quotes in the text"),
        pytest.param("<ul><li>a<li>b</ul>" * 500, id="lists"),
    ],
)
def test_ordinary_mail_is_not_too_deep(source: str) -> None:
    """However long, it is shown as it was made."""
    assert not nests_too_much(source)
