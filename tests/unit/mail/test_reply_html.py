import pytest

from courrier.mail.html.signatures import hide_signatures
from courrier.mail.parse import parse

QUOTED = (
    '<div class="gmail_quote"><div class="gmail_attr">On Thu, Jan 10, 2013 at 4:52 PM Bob '
    '&lt;b@example.org&gt; wrote:</div><blockquote class="gmail_quote">Hello!</blockquote></div>'
)
OUTLOOK = (
    '<div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
    "<b>From:</b> Bob &lt;b@example.org&gt;<br><b>Sent:</b> Thursday, January 10, 2013 4:52 PM"
    "<br>"
    "<b>To:</b> Ann<br><b>Subject:</b> Hello</div><div>How are you?</div>"
)
SIGNED = {
    "Gmail": '<div class="gmail_signature" data-smartmail="x"><div>Eva<br>ACME</div></div>',
    "Outlook": '<div class="elementToProof" id="Signature"><p>Eva</p><p>ACME</p></div>',
    "Outlook, copied": '<div id="x_Signature"><div>Eva</div><div>ACME</div></div>',
    "Apple Mail": '<div id="AppleMailSignature">Eva<div>ACME</div></div>',
    "Thunderbird": '<div class="moz-signature"><p>Eva<br>ACME</p></div>',
    "Front": '<div class="front-signature"><div>Eva</div></div>',
    "Spark": '<div name="messageSignatureSection"><br><div>Eva</div></div>',
    "Proton": '<div class="protonmail_signature_block"><div>Eva</div></div>',
    "a telephone": '<div id="ms-outlook-mobile-signature">Eva</div>',
}


def new_of(html: str) -> str:
    """What the reader says is new in a message of this HTML."""
    head = b"From: z@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    return parse(head + html.encode()).reply_text


@pytest.mark.parametrize("below", ["", QUOTED, OUTLOOK])
@pytest.mark.parametrize("program", SIGNED)
def test_a_signature_marked_in_html_is_no_part_of_what_was_said(program: str, below: str) -> None:
    """Its text alone would not tell."""
    assert new_of(f"<div>It suits me.</div>{SIGNED[program]}{below}") == "It suits me."


def test_a_message_that_is_all_signature_is_kept() -> None:
    """Some write their answer into what their program takes for the signature."""
    assert new_of('<div class="gmail_signature">It suits me.</div>') == "It suits me."


@pytest.mark.parametrize(
    "html",
    [
        "<p>signature</p>",
        '<a href="x/signature">a</a>',
        '<div class="signature-request">a</div>',
        '<div class="no">a</div>signature="x"',
    ],
)
def test_other_elements_are_no_signatures(html: str) -> None:
    """The word in a text, an address or the middle of a name marks nothing."""
    assert hide_signatures(html) is None


def test_answers_between_quotations_of_html_are_kept() -> None:
    """In their order."""
    quote = '<blockquote type="cite">{}</blockquote>'

    new = new_of(f"{quote.format('One?')}<div>Yes.</div>{quote.format('Two?')}<div>No.</div>")

    assert new == "Yes.\n\nNo."
