"""Dates and languages as catalogues write them: one of our calendar and of our codes, or nothing."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from alexandria.biblio.dates import parse_date, year_of
from alexandria.biblio.languages import language_code, language_name
from fuzz.answers import files


def seeds(fixtures: Path) -> Iterator[bytes]:
    yield from (b"October 1, 1988", b"c1998", b"MDCCCXLVIII", b"19--", b"31/12/2001", b"eng", b"/languages/ger")
    for text in files(fixtures / "openlibrary" / "strings", "*.json"):
        yield from text.split(b'"')[:300]


def check(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found = parse_date(text)
    if found is not None:
        assert -9_999 <= found.year <= 9_999
        assert found.month is not None or found.day is None
        if found.month is not None and found.year > 0:
            date(found.year, found.month, found.day or 1)
        assert year_of(text) == found.year
        assert found.iso.isascii()
    code = language_code(text)
    if code is not None:
        assert code.isascii()
        assert 2 <= len(code) <= 3
        assert language_name(code)
