"""What is expected of mail programs, servers and languages one by one, written before the code.

The tables in `expected` hold a row a form. `fields.json` may name besides fields of the parsed
form: `files` (names of attachments), `text_in` (what the text holds), and of a bounce only address,
status and kind (`null` and `any`: whatever it is).
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from courrier.mail.message import ParsedMessage
from courrier.mail.parse import parse
from courrier.mail.to_json import to_json

TABLES = Path(__file__).parent / "expected"


def test_replies_of_all_programs_and_languages_are_found() -> None:
    """The new text alone, by the quotation headers, signatures and layouts of each."""
    rows = json.loads((TABLES / "replies.json").read_text("utf-8"))
    read = {each["name"]: _reply(each) for each in rows}

    assert {each["name"]: each["reply"] for each in rows} == read
    assert len(rows) >= 190


def test_fields_of_all_forms_are_read() -> None:
    """Dates, addresses, subjects, names of files, bodies, automatic answers and bounces."""
    rows = json.loads((TABLES / "fields.json").read_text("utf-8"))
    expected = {each["name"]: each["expected"] for each in rows}
    messages = {each["name"]: each["message"] for each in rows}
    read = {
        name: _fields(parse(raw.encode("utf-8", "surrogateescape")), expected[name])
        for name, raw in messages.items()
    }

    assert expected == read
    assert len(rows) >= 230


def _reply(row: dict[str, str]) -> str:
    head = f"From: {row['from']}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    body = row["body"].replace("\n", "\r\n")
    return parse(f"{head}{body}".encode(), with_html=False).reply_text.strip()


def _fields(message: ParsedMessage, expected: dict[str, Any]) -> dict[str, object]:
    return {name: _field(message, name, wanted) for name, wanted in expected.items()}


def _field(message: ParsedMessage, name: str, wanted: Any) -> object:
    if name == "files":
        return [each.filename for each in message.attachments]
    if name == "text_in":
        return [each for each in wanted if each in message.text]
    if name == "bounce" and wanted is not None:
        return _bounce(message, wanted)
    if name == "date" and message.date is not None:
        at = datetime.fromisoformat(wanted)
        return wanted if at == message.date.replace(microsecond=0) else message.date.isoformat()
    if name in {"text", "reply_text"}:
        return str(getattr(message, name)).removesuffix("" if str(wanted).endswith("\n") else "\n")
    return to_json(message)[name]


def _bounce(message: ParsedMessage, wanted: list[str | None]) -> list[str | None] | None:
    if message.bounce is None or not message.bounce.recipients:
        return None
    told = message.bounce.recipients[0]
    kind = "any" if wanted[2] == "any" else message.bounce.kind
    return [told.address, told.status if wanted[1] else None, kind]
