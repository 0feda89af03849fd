"""Tables that spreadsheets write, and what their columns mean."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.gateway.domain.csv_files import MOST_COLUMNS, rows_of, shape_of
from courrier.gateway.domain.csv_mapping import check_mapping, column_of, guess, said_by
from courrier.gateway.domain.record import record_id_of
from courrier.gateway.domain.refusals import Unfit

CELLS = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=8).map(str.strip)
FRENCH = "Prénom;Nom de famille;Courriel\r\nInès;Caldwell;ines@x.test\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_read_as_it_was_meant(encoding: str, delimiter: str) -> None:
    """Whatever program wrote it; rows are counted as the program counts them."""
    data = FRENCH.replace(";", delimiter).encode(encoding)

    shape = shape_of(data)

    assert ("Prénom", "Nom de famille", "Courriel") == shape.columns
    assert [(2, ("Inès", "Caldwell", "ines@x.test"))] == [
        (row.number, row.values) for row in rows_of(data, shape)
    ]


def test_a_column_alone_is_a_table() -> None:
    """Also with commas inside its cells; short rows are filled up, empty ones left out."""
    shape = shape_of(b"name\n\nA lamp\n")

    assert [(3, ("A lamp",))] == [(r.number, r.values) for r in rows_of(b"name\n\nA lamp\n", shape)]
    short = b"a,b\n1\n1,2,3\n,\n"
    assert [("1", ""), ("1", "2")] == [r.values for r in rows_of(short, shape_of(short))]


@pytest.mark.parametrize("data", [b"", b"\n\n", b" , \n", b"," * MOST_COLUMNS + b"x\n"])
def test_what_is_no_table_is_declined(data: bytes) -> None:
    """Nothing to import is better said at once."""
    with pytest.raises(Unfit):
        shape_of(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_declined(data: bytes) -> None:
    """Nothing else is raised."""
    with suppress(Unfit):
        shape = shape_of(data)
        assert all(len(row.values) == len(shape.columns) for row in rows_of(data, shape))


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5), st.sampled_from(",;\t|"))
def test_what_is_written_is_read(cells: list[tuple[str, str]], delimiter: str) -> None:
    """Quotes, delimiters and all."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([("one", "two"), *cells])
    data = out.getvalue().encode()

    read = [row.values for row in rows_of(data, shape_of(data))]

    assert [each for each in cells if any(each)] == read


def test_columns_are_guessed_by_their_names() -> None:
    """In English and French, whatever their dress; one column a field."""
    columns = ("Prénom", "LAST NAME", "E-Mail", "Courriel", "Échéance", "Shoe size", "Account Id")

    assert {
        "Prénom": "first_name",
        "LAST NAME": "last_name",
        "E-Mail": "email_addresses",
        "Échéance": "due_at",
        "Account Id": "account_external_id",
    } == guess(columns)


@pytest.mark.parametrize(
    ("mapping", "pointer"),
    [
        ({"x": "name"}, "/mapping/x"),
        ({"a/b": "nam"}, "/mapping/a~1b"),
        ({"a/b": "number"}, "/mapping/a~1b"),
        ({"a/b": "name", "c": "name"}, "/mapping/c"),
        ({"a/b": "custom."}, "/mapping/a~1b"),
        ({}, "/mapping"),
    ],
)
def test_a_mapping_that_fits_no_table_is_declined(mapping: dict[str, str], pointer: str) -> None:
    """The pointer says which column."""
    with pytest.raises(Unfit) as caught:
        check_mapping(("a/b", "c"), mapping)

    assert pointer == caught.value.pointer


def test_a_row_says_what_its_cells_mean() -> None:
    """Lists, numbers and days as people write them; an empty cell says nothing."""
    said = {
        "name": "A lamp",
        "email_addresses": "a@x.test; b@x.test",
        "amount": "1 234,50 €",
        "closes_on": "3/2/2026",
        "due_at": "2026-02-03",
        "account_external_id": "17",
        "custom.size": "L",
        "phone": "",
    }
    mapping = {column: column for column in said}

    assert {
        "name": "A lamp",
        "email_addresses": ["a@x.test", "b@x.test"],
        "amount": "1234.50",
        "closes_on": "2026-02-03",
        "due_at": "2026-02-03T00:00:00Z",
        "account_id": record_id_of("account", "17"),
        "custom": {"size": "L"},
    } == said_by(tuple(said), tuple(said.values()), mapping)


@pytest.mark.parametrize(
    ("pointer", "column"),
    [
        ("/email_addresses/1", "Mail"),
        ("/account_id", "Firm"),
        ("/custom/size", "Size"),
        ("/custom", None),
        ("/name", None),
        (None, None),
    ],
)
def test_a_fault_is_found_in_its_column(pointer: str | None, column: str | None) -> None:
    """That is where people look."""
    mapping = {"Mail": "email_addresses", "Firm": "account_external_id", "Size": "custom.size"}

    assert column == column_of(pointer, mapping)
