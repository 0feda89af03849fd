"""A table that a spreadsheet wrote: its encoding and delimiter are guessed, its size is bounded."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from .refusals import Unfit

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 200
MOST_CELL_CHARS = 32 * 1024
LOOKED_AT = 50
"""Lines by which the delimiter is guessed."""

_DELIMITERS = ",;\t|"
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is to be read, and what its first line names."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as spreadsheets count them (the header is 1), with a value for each column."""

    number: int
    values: tuple[str, ...]


def shape_of(data: bytes) -> Shape:
    """Return how a file is to be read.

    Raises:
        Unfit: it is empty, too large, or no table.
    """
    if len(data) > MOST_BYTES:
        raise Unfit(f"over {MOST_BYTES} bytes")
    encoding = _encoding(data)
    text = data.decode(encoding, "replace")
    delimiter = _delimiter(text)
    header = next(_records(text, delimiter), ())
    columns = tuple(each.strip() for each in header)
    if not any(columns):
        raise Unfit("the first line names no columns")
    if len(columns) > MOST_COLUMNS:
        raise Unfit(f"over {MOST_COLUMNS} columns")
    return Shape(encoding, delimiter, columns)


def rows_of(data: bytes, shape: Shape) -> Iterator[Row]:
    """Yield the rows that say something; short ones are filled up.

    Raises:
        Unfit: over ``MOST_ROWS``, or a cell that has no end.
    """
    width = len(shape.columns)
    text = data.decode(shape.encoding, "replace")
    for number, record in enumerate(_records(text, shape.delimiter), start=1):
        if number - 1 > MOST_ROWS:
            raise Unfit(f"over {MOST_ROWS} rows: cut the file in parts")
        if number > 1 and any(cell.strip() for cell in record):
            values = [cell.strip().replace("\0", "") for cell in record[:width]]
            yield Row(number, (*values, *[""] * (width - len(values))))


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MOST_CELL_CHARS)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise Unfit(f"this is no table: {error}") from error


def _encoding(data: bytes) -> str:
    """Return what a mark at the start names, else UTF-8 if it fits, else Windows-1252."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    """Return what cuts the first lines into the most columns, the same number in most of them."""
    head = "".join(text.splitlines(keepends=True)[:LOOKED_AT])
    return max(_DELIMITERS, key=lambda each: _fitness(head, each))


def _fitness(head: str, delimiter: str) -> tuple[int, int]:
    try:
        widths = [len(record) for record in _records(head, delimiter) if record]
    except Unfit:
        return (0, 0)
    width = widths[0] if widths else 0
    if width < 2:
        return (0, 0)
    return (sum(each == width for each in widths), width)
