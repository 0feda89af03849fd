"""The server's own words in the text of a bounce: without the returned message and quotations."""
# ruff: noqa: E501 (lines stand as servers write them)

import re

from courrier.mail.limits import MAX_PROSE_CHARS

# What follows is the returned message, whose addresses are not failed recipients.
_RETURNED = re.compile(
    r"^[ \t|*#=_-]{0,80}(?:"
    r"below (?:this line )?is (?:a|the) copy|(?:this|following|included|here) is (?:a|the) (?:copy|header)"
    r"|the header of the original|(?:the )?original[ -]message(?!-id)(?: headers?| text| info\w*| attached)?"
    r"(?: follows| is|[ \t.:|*#=_-]{0,80}$)"
    r"|(?:possibly truncated |start of |begin(?:ning)? of )?(?:the )?(?:original|returned|unsent|undelivered)"
    r" (?:message|mail|e-?mail|header)s?(?: header| text)?(?: follows?| below)?[ \t.:|*#=_-]{0,80}$"
    r"|(?:the )?(?:message|mail) (?:text|headers?|body|content)s? (?:follows?|is|are)\b"
    r"|(?:message|mail) headers?:?[ \t-]*$|copy of (?:the|your) (?:original )?message"
    r"|original mail info|your (?:original )?message (?:headers? )?(?:follows|is (?:below|attached))"
    r"|received: |return-path: |x-received: |dkim-signature: |delivered-to: |mime-version: "
    r"|en-t\u00eates (?:de|du) message|urspr\u00fcngliche nachricht|encabezados de(?:l)? mensaje"
    r"|intestazioni (?:del )?messaggio|cabe\u00e7alhos|oorspronkelijk|\u539f\u59cb\u90ae\u4ef6"
    r")",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED = re.compile(r"^[ \t]{0,8}(?:>(?!>>)|\|[ \t]).{0,2000}\n?", re.MULTILINE)
_MIN_OWN_CHARS = 40
_HEAD_CHARS = 6_000


def own_words(text: str) -> str:
    """The server's own words: the text before the returned message."""
    told = text[:MAX_PROSE_CHARS]
    for returned in _RETURNED.finditer(told):
        before = told[: returned.start()]
        if len(before.strip(" \t\r\n-=*_|")) >= _MIN_OWN_CHARS:
            return before
    return told


def normal(text: str) -> str:
    """The beginning of a text in the form in which phrases are looked for."""
    head = _QUOTED.sub("", text[:_HEAD_CHARS]).replace("\u2019", "'").replace("\u00a0", " ")
    return " ".join(head.replace("*", " ").casefold().split())


def one_line(text: str, limit: int) -> str | None:
    """A text without line breaks, cut at `limit` characters; `None` if nothing is left."""
    return " ".join(text[: 4 * limit].split())[:limit].strip() or None
