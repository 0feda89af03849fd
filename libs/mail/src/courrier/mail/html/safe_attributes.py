"""What an attribute of a message's HTML may say: judged by a list of what is harmless.

Every value that passes is free of `<`, `>` and back-ticks, so that no reader of the result, however
old or simple, can take a value for markup.
"""

import re
from collections.abc import Callable
from functools import lru_cache

_MARKUP = {ord(each): None for each in ">`\x00"}
# What browsers drop from an address or read as a slash (WHATWG URL 4.4), and what they encode.
_EDGES = "".join(map(chr, range(33)))
_ADDRESS = {
    ord("\t"): None, ord("\n"): None, ord("\r"): None, ord("\\"): "/", ord(" "): "%20",
    ord('"'): "%22", ord("<"): "%3C", ord(">"): "%3E", ord("`"): "%60",
}  # fmt: skip
_MARKS = frozenset("<>`")
_LINK = re.compile(
    r"(?:https?://[^\s\x00-\x20/?#]|mailto:[^\s\x00-\x20:/?]*[@?])[^\s\x00-\x20]*\Z", re.IGNORECASE
)
# Most addresses: nothing in them is dropped, turned or encoded.
_AS_IT_IS = re.compile(r"https?://[!$%&'()*+,.0-9:;=@A-Z\[\]^_a-z{|}~-][!#-;=?-\[\]^_a-z{|}~]*\Z")
_BARE_HOST = re.compile(r"www\.[a-z0-9-]+\.", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?:)?//[^\s\x00-\x20/?#][^\s\x00-\x20]*\Z", re.IGNORECASE)
_CID = re.compile(r"cid:[^\s\x00-\x20:/\\\"'<>`][^\s\x00-\x20:\\\"'<>`]*\Z", re.IGNORECASE)
_RASTER = re.compile(
    r"data:image/(?:png|gif|jpe?g|pjpeg|webp|bmp|x-icon);base64,[A-Za-z0-9+/=\s]*\Z", re.IGNORECASE
)
_RASTER_START = "data:image/"


Judge = Callable[[str], str | None]
"""Answers a value made safe, or `None`."""


def link(value: str) -> str | None:
    """An `http`, `https` or `mailto` address as a browser would read it; `None` for all others."""
    if _AS_IT_IS.match(value) is not None:
        return value
    address = value.strip(_EDGES).translate(_ADDRESS)
    if _BARE_HOST.match(address):
        address = "http://" + address
    return address if _LINK.match(address) else None


def enclosed_image(value: str) -> str | None:
    """A `cid:` address, or a raster image written out; nothing that a browser would fetch."""
    bare = value.strip(_EDGES)
    if bare[: len(_RASTER_START)].lower() == _RASTER_START:
        return bare if _RASTER.match(bare) else None
    bare = bare.replace(" ", "%20")
    return bare if _CID.match(bare) else None


def remote_image(value: str) -> str | None:
    """The address of an image on a server."""
    if _AS_IT_IS.match(value) is not None:
        return value
    address = value.strip(_EDGES).translate(_ADDRESS)
    return address if _REMOTE.match(address) else None


def text(value: str) -> str | None:
    """Words for people, up to where they look like markup."""
    if value.isascii() and value.isprintable() and not _MARKS.intersection(value):
        return value
    return value.partition("<")[0].translate(_MARKUP)


def _matching(pattern: str) -> Callable[[str], str | None]:
    """Keep what matches as a whole; memory for what mail repeats a thousand times."""
    whole = re.compile(pattern, re.ASCII | re.IGNORECASE)

    @lru_cache(maxsize=512)
    def kept(value: str) -> str | None:
        bare = value.strip()
        return bare if whole.fullmatch(bare) else None

    return kept


_word = _matching(r"[a-z-]{1,20}")
_length = _matching(r"[0-9]{1,4}(?:\.[0-9]{1,4})?(?:px|%)?")
_count = _matching(r"[0-9]{1,3}")
_colour = _matching(r"#?[a-z0-9]{1,30}")
_ordinal = _matching(r"-?[0-9]{1,5}")

VALUES: dict[str, Judge] = {
    "abbr": text,
    "align": _word,
    "alt": text,
    "bgcolor": _colour,
    "border": _count,
    "cellpadding": _count,
    "cellspacing": _count,
    "color": _colour,
    "colspan": _count,
    "datetime": _matching(r"[0-9a-z:+. -]{1,40}"),
    "dir": _word,
    "face": _matching(r"[\w ,.'\"-]{1,200}"),
    "height": _length,
    "href": link,
    "hspace": _count,
    "lang": _matching(r"[a-z0-9_-]{1,35}"),
    "nowrap": _matching(r"(?:nowrap)?"),
    "open": _matching(r"(?:open)?"),
    "reversed": _matching(r"(?:reversed)?"),
    "rowspan": _count,
    "scope": _word,
    "size": _matching(r"[+-]?[0-9]{1,2}"),
    "span": _count,
    "start": _ordinal,
    "summary": text,
    "title": text,
    "type": _matching(r"[a-z0-9]{1,10}"),
    "valign": _word,
    "value": _ordinal,
    "vspace": _count,
    "width": _length,
}
"""For each attribute but `style` and an image's sources: its value made safe, or `None`."""
