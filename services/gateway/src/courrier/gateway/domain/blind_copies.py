"""A message without the field that names recipients in secret (RFC 5322 section 3.6.3)."""

import re

_BCC = re.compile(
    rb"^(?:resent-)?bcc[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|\Z)",
    re.IGNORECASE | re.MULTILINE,
)
_END_OF_HEADER = re.compile(rb"\r?\n(?=\r?\n)")


def without_bcc(raw: bytes) -> bytes:
    """Return the bytes with the header's Bcc fields left out and nothing else changed."""
    end = _END_OF_HEADER.search(raw)
    cut = end.end() if end else len(raw)
    return _BCC.sub(b"", raw[:cut]) + raw[cut:]
