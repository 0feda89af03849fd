"""After the log-in a browser is only ever led to this site."""

import pytest

from courrier.gateway.web.log_in import own_path


@pytest.mark.parametrize("path", ["/", "/accounts", "/emails/a1?folder=sent#email-a1"])
def test_a_path_of_this_site_is_kept(path: str) -> None:
    """The page that was asked for is shown after the log-in."""
    assert path == own_path(path)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "",
        "accounts",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\r\nSet-Cookie: a=b",
    ],
)
def test_anything_else_leads_to_the_inbox(elsewhere: str) -> None:
    """A link to our log-in cannot send people to somebody else's."""
    assert "/" == own_path(elsewhere)
