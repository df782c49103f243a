"""Every line of a dump becomes a row or a reject with its reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.mirror.parse import COLUMNS, NULL, Part, Rejected, parse_block, parse_line

LINE = (
    b"/type/edition\t/books/OL7M\t3\t2010-03-12T00:00:35.810992\t"
    b'{"title": "Back\\\\slash", "isbn_10": ["0140328726"], "languages": [{"key": "/languages/ger"}]}'
)


def test_a_row_has_the_columns_it_is_copied_to() -> None:
    table, row, modified = parse_line(LINE)
    fields = row.split("\t")
    assert table == "editions"
    assert len(fields) == len(COLUMNS["editions"].split(", "))
    assert fields[:4] == ["7", "-7", "2010-03-12T00:00:35.810992", "3"]
    assert fields[7] == "{9780140328721}"
    assert fields[9] == "Back\\\\slash"  # escaped for COPY
    assert modified == "2010-03-12T00:00:35.810992"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "columns"),
        (b"/type/edition /books/OL7M 3 2010-03-12T00:00:35 {}", "columns"),
        (b"/type/edition\t/books/OL7M\t3\t{}", "columns"),
        (b"/type/list\t/lists/OL7L\t3\t2010-03-12T00:00:35\t{}", "type"),
        (b"isbn\ttitle\tauthor\tyear\tpages", "not an Open Library dump line"),
        (b"\xff\xfe\t\t\t\t", "not an Open Library dump line"),
        (LINE.replace(b"\t3\t", b"\tx\t"), "revision"),
        (LINE.replace(b"\t3\t", b"\t-1\t"), "revision"),
        (LINE.replace(b"\t3\t", b"\t99999999999\t"), "revision"),
        (LINE[:-3], "json"),
        (LINE[: LINE.rfind(b"\t") + 1] + b"[]", "json"),
        (LINE[: LINE.rfind(b"\t") + 1] + b"[" * 100_000, "json"),
        (LINE.replace(b"/books/OL7M", b"/works/OL7W"), "key"),
        (LINE.replace(b"/books/OL7M", b"/books/seven"), "key"),
        (LINE.replace(b"/books/OL7M", b"/books/OL9999999999999999999M"), "key"),
        (LINE.replace(b"/books/OL7M", "/books/OL٧M".encode()), "key"),
    ],
)
def test_rejects_have_reasons(line: bytes, reason: str) -> None:
    with pytest.raises(Rejected, match=f"^{reason}"):
        parse_line(line)


@pytest.mark.parametrize(
    ("column", "expected"),
    [(b"2010-03-12T00:00:35.810992", True), (b"datetimestr", False), (b"2010-13-45T00:00:00", False), (b"", False)],
)
def test_a_damaged_date_costs_the_date_not_the_record(column: bytes, expected: bool) -> None:
    _, row, modified = parse_line(LINE.replace(b"2010-03-12T00:00:35.810992", column))
    assert (modified is not None) is expected
    assert (row.split("\t")[2] == NULL) is not expected


def test_lone_surrogates_and_nul_do_not_cost_the_record() -> None:
    line = LINE.replace(b'"Back\\\\slash"', b'"a\\ud800b\\u0000c u0000"')
    table, row, _ = parse_line(line)
    assert row.split("\t")[9] == "abc u0000"
    row.encode()


def test_a_block_is_accounted_for() -> None:
    rows = parse_block(b"\n".join([LINE, b"nonsense", LINE, b"nonsense too", b""]))
    assert rows.lines == 4
    assert len(rows.tables["editions"]) == 2
    assert rows.rejects == {"columns: not five, separated by tabs": (2, "nonsense")}
    assert rows.newest == {"editions": "2010-03-12T00:00:35.810992"}


def test_a_date_in_the_future_is_not_the_newest() -> None:
    future = LINE.replace(b"2010-03", b"2999-03")
    assert parse_block(b"\n".join([LINE, future]), latest="2026-11-22").newest == {
        "editions": "2010-03-12T00:00:35.810992"
    }


@pytest.mark.parametrize(
    ("part", "is_kept"),
    [
        (Part(with_isbn=True), True),
        (Part(languages=frozenset({"de"})), True),
        (Part(languages=frozenset({"en"})), False),
        (Part(with_isbn=True, languages=frozenset({"en", "de"})), True),
    ],
)
def test_a_part_of_a_dump(part: Part, is_kept: bool) -> None:
    if is_kept:
        parse_line(LINE, part)
    else:
        with pytest.raises(Rejected, match="^filtered"):
            parse_line(LINE, part)


@given(st.binary() | st.lists(st.binary(), min_size=5, max_size=5).map(b"\t".join))
def test_any_line_is_a_row_or_a_reject(line: bytes) -> None:
    rows = parse_block(line)
    copied = sum(map(len, rows.tables.values()))
    assert rows.lines == copied + sum(count for count, _ in rows.rejects.values())
    json.dumps(rows.rejects).encode()
