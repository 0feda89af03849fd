"""Every bound that keeps the reading of a hostile message short, in one place.

What lies beyond a bound is left out and named in the message's `warnings`; nothing is refused.
"""

MAX_FIELDS = 2_000
"""Header fields kept per header block; real messages stay below 200."""

MAX_FIELD_BYTES = 256 * 1024
"""Bytes kept of one header field: room for some 8,000 recipients in one To."""

MAX_PARTS = 1_000
"""MIME parts looked at per message."""

MAX_DEPTH = 40
"""Multiparts within multiparts; a deeper one is kept as one opaque attachment."""

MAX_ADDRESSES = 10_000
"""Mailboxes kept per address field."""

MAX_GUESSED_WORDS = 200
"""Encoded words of a field whose charset is guessed where the label is wrong (0.1 ms each)."""

MAX_IDS = 1_000
"""Message ids kept of one References field."""

MAX_PARAMETERS = 100
"""Parameters kept per Content-Type or Content-Disposition field."""

MAX_HTML_CHARS = 8 * 1024 * 1024
"""Characters of HTML read per part."""

MAX_HTML_TAGS = 120_000
"""Tags laid out as text per part; the text behind them is kept without its layout. HTML of more
is shown as its text."""

MAX_HTML_MARKUP_CHARS = 2 * 1024 * 1024
"""Characters of HTML sanitised, embedded images not counted. Gmail cuts off at 102 KB."""

MAX_HTML_REFERENCES = 20_000
"""Ampersands within one text: html5ever takes quadratic time for them (0.02 s for so many)."""

MAX_HTML_TAG_CHARS = 200 * 1024
"""Characters of one tag: html5ever takes quadratic time for its attributes (0.1 s for so many)."""

MAX_HTML_REOPENED = 300_000
"""Elements that misnested formatting can make a tree builder repeat, at most."""

MAX_HTML_DEPTH = 400
"""Open elements in HTML: tree builders take quadratic time in the depth, and browsers flatten
what lies deeper than 512, which would give them another tree than the one that was judged."""

MAX_ELEMENTS_UNCHECKED = 400
"""So few tags cannot be too deep, and none is measured."""

MAX_RTF_BYTES = 4 * 1024 * 1024
"""Bytes of Rich Text Format read per part or `winmail.dat`."""

MAX_LOCATED_IMAGE_BYTES = 2 * 1024 * 1024
"""Bytes of the images that HTML names by their Content-Location; twice as many characters of them
are written into pages, however often they are named."""

MAX_REPORT_RECIPIENTS = 1_000
"""Recipients kept per delivery report."""

MAX_PROSE_CHARS = 64 * 1024
"""Characters of a body searched for the prose of a bounce."""

SUMMARY_TEXT_CHARS = 32 * 1024
"""Characters of text in a summary."""
