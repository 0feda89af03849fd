"""format=flowed undone: paragraphs become single lines again (RFC 3676 section 4)."""


def unflow(text: str, *, delete_space: bool) -> str:
    """Join the lines that end in a space with their followers of the same quote depth.

    An empty line ends a paragraph even where the line before it flows, as writers mean it.

    Args:
        text: LF line ends.
        delete_space: the part says `delsp=yes`, so the space itself goes too.
    """
    pieces: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        signs = content == _SIGNATURE
        if depth != open_depth or signs or not content:
            pieces += ("\n", ">" * depth, " " if depth and content else "")
        flows = content.endswith(" ") and not signs
        pieces.append(content[:-1] if flows and delete_space else content)
        open_depth = depth if flows else -1
    return "".join(pieces[1:])


_SIGNATURE = "-- "
