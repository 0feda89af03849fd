"""Pages escape what others wrote, load nothing foreign, and hold no script of their own."""

import re
from importlib.resources import files

import pytest

from courrier.gateway.api.words import words_in
from courrier.gateway.web import assets
from courrier.gateway.web.rendering import initials, page, size, tint, who

HOSTILE = '<script>alert(1)</script>" onload="x'


def test_what_others_wrote_is_escaped() -> None:
    """A name or subject is text, whatever it holds."""
    shown = page(
        words_in("en"),
        "problem.html",
        {"text": HOSTILE, "detail": HOSTILE, "status": 422, "request_id": "r", "viewer": None},
    )

    assert b"<script>alert" not in shown.body
    assert b'" onload=' not in shown.body


def test_the_policy_lets_only_our_own_files_in() -> None:
    """No inline script or style, no other origin, nobody may frame a page."""
    values = {"text": "", "detail": "", "status": 404, "request_id": "", "viewer": None}
    policy = page(words_in("en"), "problem.html", values).headers["content-security-policy"]

    assert "unsafe" not in policy
    assert "http" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "name", [each.name for each in files("courrier.gateway.web").joinpath("templates").iterdir()]
)
def test_a_template_has_nothing_that_the_policy_would_block(name: str) -> None:
    """Inline styles, handlers and foreign addresses would be dead letters."""
    source = files("courrier.gateway.web").joinpath("templates", name).read_text()

    assert [] == re.findall(r"""\sstyle=|\son\w+=|(?:src|href)=["']https?:|\|\s*safe""", source)


@pytest.mark.parametrize("name", assets.TYPES)
async def test_a_file_is_kept_for_ever_under_its_digest_only(name: str) -> None:
    """A browser never shows a new page with an old style sheet."""
    *_, digest, _ = assets.asset_url(name).split("/")
    current, old = await assets.asset(digest, name), await assets.asset("0" * 16, name)

    assert "immutable" in current.headers["cache-control"]
    assert "immutable" not in old.headers["cache-control"]
    assert current.body == old.body


async def test_no_other_file_is_served() -> None:
    """The names are a closed list."""
    answer = await assets.asset("0" * 16, "../rendering.py")

    assert 404 == answer.status_code


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Inès Caldwell", "IC"),
        ("Ada", "A"),
        ("Portman & Daughters", "PD"),
        ("sales@example.org", "SE"),
        ("", "?"),
        ("()", "?"),
    ],
)
def test_initials(name: str, expected: str) -> None:
    """Two letters at most, and something for everybody."""
    assert expected == initials(name)


def test_a_person_keeps_their_colour() -> None:
    """The same address has the same colour however it is written."""
    assert tint("Ada@Example.org") == tint("ada@example.org")


def test_who_is_behind_an_address_comes_before_what_it_calls_itself() -> None:
    """Record, then display name, then address."""
    box = {"name": "A.", "address": "ada@example.org", "person": {"name": "Ada Lovelace"}}

    assert "Ada Lovelace" == who(box)
    assert "A." == who(box | {"person": None})
    assert "ada@example.org" == who(box | {"person": None, "name": None})


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 B"), (999, "999 B"), (1500, "2 kB"), (2_500_000, "2.5 MB")]
)
def test_sizes(count: int, expected: str) -> None:
    """As people read them."""
    assert expected == size(count)
