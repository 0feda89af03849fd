"""text/enriched (RFC 1896) and the text/richtext before it (RFC 1341), as the text they show."""

import re

_COMMAND = re.compile(r"<(/?)([a-zA-Z0-9-]{1,60})>|<(<)")
_LINE_BREAKS = re.compile(r"\n+")
_RICHTEXT_LINES = {"nl": "\n", "np": "\n\n", "/paragraph": "\n\n", "lt": "<"}
_UNSHOWN = {"param", "comment"}


def enriched_to_text(source: str) -> str:
    """Commands and their parameters go; one line break is a space, of more one less is kept."""
    shown: list[str] = []
    unshown = unfilled = 0
    position = 0
    for match in _COMMAND.finditer(source):
        if not unshown:
            shown.append(_filled(source[position : match.start()], filled=not unfilled))
        position = match.end()
        step = -1 if match[1] else 1
        name = "lt" if match[3] else match[2].lower()
        if name in _UNSHOWN:
            unshown = max(0, unshown + step)
        elif name == "nofill":
            unfilled = max(0, unfilled + step)
        elif name == "lt" and not unshown:
            shown.append("<")
    shown.append(_filled(source[position:], filled=not unfilled) if not unshown else "")
    return "".join(shown)


def richtext_to_text(source: str) -> str:
    """The older form: line breaks are spaces, and only `<nl>`, `<np>` and paragraphs break."""
    shown: list[str] = []
    unshown = position = 0
    for match in _COMMAND.finditer(source):
        if not unshown:
            shown.append(_LINE_BREAKS.sub(" ", source[position : match.start()]))
        position = match.end()
        name = "lt" if match[3] else match[2].lower()
        if name in _UNSHOWN:
            unshown = max(0, unshown + (-1 if match[1] else 1))
        elif not unshown:
            shown.append(_RICHTEXT_LINES.get((match[1] or "") + name, ""))
    return "".join((*shown, _LINE_BREAKS.sub(" ", source[position:])))


def _filled(text: str, *, filled: bool) -> str:
    if not filled or "\n" not in text:
        return text
    return _LINE_BREAKS.sub(lambda match: "\n" * (len(match[0]) - 1) or " ", text)
