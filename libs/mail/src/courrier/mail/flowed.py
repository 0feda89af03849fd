"""format=flowed undone: paragraphs become single lines again (RFC 3676 section 4)."""


def unflow(text: str, *, delete_space: bool) -> str:
    """Join the lines that end in a space with their followers of the same quote depth.

    Args:
        text: LF line ends.
        delete_space: the part says `delsp=yes`, so the space itself goes too.
    """
    joined: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        if depth == open_depth and content != _SIGNATURE:
            joined[-1] = (joined[-1][:-1] if delete_space else joined[-1]) + content
        else:
            joined.append((">" * depth + " " if depth else "") + content)
        flows = content.endswith(" ") and content != _SIGNATURE
        open_depth = depth if flows else -1
    return "\n".join(joined)


_SIGNATURE = "-- "
