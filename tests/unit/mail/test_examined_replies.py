"""Lines that look like the parts of a signature and are none."""

import pytest

from courrier.mail.parse import parse


@pytest.mark.parametrize("blank", ["\u3000", "\u00a0", "\u2003", "\u200b", "*\u3000*", "|\u3000|"])
@pytest.mark.parametrize("before", ["", "Yes.\n\n", "Yes.\n\nRegards,\n", "-- \n"])
def test_a_line_of_foreign_blanks_is_no_name(blank: str, before: str) -> None:
    """Above telephone numbers and addresses, where a name would stand."""
    body = f"{before}{blank}\n+33 1 23 45 67 89\na@x.example\nhttp://x.example/\n"

    read = parse(b"From: a@x.example\r\n\r\n" + body.encode())

    assert ("Yes." in before) == ("Yes." in read.reply_text)
