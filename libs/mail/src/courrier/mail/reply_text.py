"""What a sender newly wrote."""


def reply_text(text: str) -> str:
    """The text without quotation and signature."""
    return text
