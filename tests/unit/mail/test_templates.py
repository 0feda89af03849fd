"""Placeholders: what is one, what is filled in for it, and that no value becomes anything else."""

from html.parser import HTMLParser
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.mail.templates.filling import Values, fill_html, fill_line, fill_text
from courrier.mail.templates.placeholders import placeholders
from courrier.mail.templates.template import Template, asked_by, fill

TYPES = frozenset({"Account", "Contact", "Person", "Case", "User"})
NASTY = '<b>Ada</b> & "Co"\r\nBcc: eve@x.test \' {Contact.name} \u2028'


def values(**plain: str) -> Values:
    """Return values whose keys have dots for double underscores."""
    return Values({key.replace("__", "."): value for key, value in plain.items()}, {}, TYPES)


KNOWN = values(Contact__first_name="Ada", Contact__name="", today="23 November 2026")


class Structure(HTMLParser):
    """The tags of HTML with their attributes' names, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that opens."""
        if tag != "br":
            self.found.append((tag, *(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Note a tag that closes."""
        self.found.append((f"/{tag}",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{Contact.firstName}", ["Contact.first_name"]),
        ("{Contact.first_name}", ["Contact.first_name"]),
        ("{Case.account.name} {today}", ["Case.account.name", "today"]),
        ("{Person.emailAddress|nobody}", ["Person.email_address"]),
        ("{trackingUrl:a1-B_2}", ["trackingUrl:a1-B_2"]),
        ("{optOutUrl}{optOutLink}{now}", ["optOutUrl", "optOutLink", "now"]),
        ("{Nobody.field}", ["Nobody.field"]),
        ("{contact.name}", ["contact.name"]),
        ("{color} {color:red} {a.b} {} { today } {Today} {today", []),
        ("{{Contact.name}}", ["Contact.name"]),
        ("{Contact.} {.name} {Contact.a.b.c} {Contact name} {1.a}", []),
        ("{Contact.name|a{b}}", []),
    ],
)
def test_only_the_listed_forms_are_placeholders(text: str, expected: list[str]) -> None:
    """A capitalised type counts, known or not, and what would be one but for its capital."""
    assert expected == [each.key for each in placeholders(text, TYPES)]


@pytest.mark.parametrize(
    ("text", "expected", "unresolved"),
    [
        ("Dear {Contact.firstName},", "Dear Ada,", []),
        ("{Contact.name|friend}", "friend", []),
        ("{Contact.name}.", ".", []),
        ("{Contact.firstName|friend}", "Ada", []),
        ("{Account.name|your company}", "your company", []),
        ("{Account.name|}", "", []),
        ("{Account.name} {Account.name}", "{Account.name} {Account.name}", ["{Account.name}"]),
        ("{optOutUrl}", "{optOutUrl}", ["{optOutUrl}"]),
    ],
)
def test_values_fallbacks_and_what_cannot_be_filled_in(
    text: str, expected: str, unresolved: list[str]
) -> None:
    """An empty value is filled in with nothing; one that is not there stays as it was written."""
    filled = fill_text(text, KNOWN)

    assert (expected, unresolved) == (filled.text, [each.text for each in filled.unresolved])


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>{Contact.a}</p>", "<p>&lt;i&gt; &amp; &quot;x&quot;<br>&#x27;</p>"),
        ("<p title='{Contact.a}'>", "<p title='&lt;i&gt; &amp; &quot;x&quot; &#x27;'>"),
        (
            "<p title={Contact.a}>",
            "<p title=&#60;i&#62;&#32;&#38;&#32;&#34;x&#34;&#32;&#39;>",
        ),
        ("<style>p {Contact.a}</style>", "<style>p {Contact.a}</style>"),
        ("<STYLE>{Contact.a}</Style>{Contact.b}", "<STYLE>{Contact.a}</Style>www.x.test"),
        ("<p style='{Contact.a}'>", "<p style='{Contact.a}'>"),
        ("<script>{Contact.a}</script><!-- {Contact.a} -->", None),
        ("<a href='{Contact.b}'>", "<a href='https://www.x.test'>"),
        ("<a href='{Contact.c}'>", "<a href='#'>"),
        ("<a href='{Contact.d}'>", "<a href='https://x.test/?a=1&amp;b=2'>"),
        ("<a href='https://x.test/{Contact.a}'>", "<a href='https://x.test/%3Ci%3E%20%26%20%22x%22%27'>"),
        ("<a href='mailto:{Contact.e}'>", "<a href='mailto:ada@x.test'>"),
        ("a < b {Contact.e} <{Contact.e}>", "a < b ada@x.test <ada@x.test>"),
        ("{Contact.none|l&#39;ami &amp; co}", "l&#x27;ami &amp; co"),
    ],
)  # fmt: skip
def test_in_html_a_value_is_escaped_for_its_place(html: str, expected: str | None) -> None:
    """Between tags, in quotes, without quotes, as an address; never in styles and scripts."""
    known = values(
        Contact__a='<i> & "x"\n\'',
        Contact__b="www.x.test",
        Contact__c="javascript:alert(1)",
        Contact__d="https://x.test/?a=1&b=2",
        Contact__e="ada@x.test",
    )

    assert (html if expected is None else expected) == fill_html(html, known).text


def test_markup_of_ours_stands_between_tags_and_its_plain_form_elsewhere() -> None:
    """As ``{optOutLink}`` will."""
    known = Values({"optOutLink": "https://x.test/u"}, {"optOutLink": '<a href="u">Out</a>'}, TYPES)
    filled = fill(Template("{optOutLink}", "{optOutLink}<i title='{optOutLink}'>"), known)

    assert "https://x.test/u" == filled.subject
    assert "<a href=\"u\">Out</a><i title='https://x.test/u'>" == filled.html


def test_a_subject_is_one_line_whatever_is_filled_in() -> None:
    """No value begins another header field, or is read again."""
    filled = fill_line("For {Contact.first_name}:\r\n hello", values(Contact__first_name=NASTY))

    assert 'For <b>Ada</b> & "Co" Bcc: eve@x.test \' {Contact.name} : hello' == filled.text
    assert () == filled.unresolved


def test_a_template_is_asked_and_filled_as_a_whole() -> None:
    """Each placeholder once; the text follows from the HTML where none is written."""
    template = Template("{today}", "<p>{Contact.first_name} {today} {Account.x}</p>")
    filled = fill(template, KNOWN)

    assert ["today", "Contact.first_name", "Account.x"] == [
        each.key for each in asked_by(template, TYPES)
    ]
    assert ("23 November 2026", "Ada 23 November 2026 {Account.x}") == (
        filled.subject,
        filled.text.strip(),
    )
    assert ["{Account.x}"] == [each.text for each in filled.unresolved]
    assert "own" == fill(Template(html="<p>x</p>", text="own"), KNOWN).text


hostile = st.text(alphabet=st.sampled_from("ab <>\"'&={}/\r\n\u2028#;!-:%(")) | st.text()


@given(value=hostile)
def test_no_value_changes_the_structure_of_html(value: str) -> None:
    """The tags and attributes are those of the template, for every place a value can take."""
    template = (
        "<p title='{Contact.x}' lang={Contact.x}><a href=\"{Contact.x}\">{Contact.x}</a>"
        "<img src='https://x.test/{Contact.x}' alt=\"{Contact.x}\">{Contact.x}</p>"
    )
    filled = fill_html(template, values(Contact__x=value))

    assert Structure(template).found == Structure(filled.text).found
    assert () == filled.unresolved


@given(text=hostile | st.text(alphabet="<>-!\"'= a/{}.|style"))
def test_without_placeholders_nothing_changes(text: str) -> None:
    """Whatever the HTML is like."""
    assert text == fill_html(text, Values()).text


@pytest.mark.parametrize(
    "part",
    ["<", "<!--", "<a b=", "<a b='", "<style>", "{", "{A.b|", "{aaaaaaaa", "<a ", " b ", "</"],
)
def test_hostile_templates_take_linear_time(part: str) -> None:
    """A hundred thousand of each in far less than a second."""
    html = part * (200_000 // len(part))
    began = process_time()
    fill_html("<a " * (part == " b ") + html, KNOWN)

    assert process_time() - began < 1.0
