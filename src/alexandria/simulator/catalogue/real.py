"""The sample catalogue as the providers know it: its editions by ISBN, its authors by name, its records by key."""

import re
from functools import lru_cache
from typing import Any

import msgspec

from alexandria.biblio.isbn import find_isbns, isbn10
from alexandria.sample.catalogue import sample_records
from alexandria.sample.plan import scatter
from alexandria.simulator.catalogue import numbers
from alexandria.simulator.catalogue.editions import Edition
from alexandria.simulator.catalogue.words import fold

Record = dict[str, Any]
_FORMS = {"hardcover": 0, "paperback": 1, "mass market paperback": 1, "ebook": 2}


class Sample(msgspec.Struct, frozen=True):
    """The sample catalogue, by what it is asked by."""

    editions: dict[int, Edition]  # by the catalogue's number
    records: dict[str, Record]  # by Open Library key, such as /books/OL1M
    keys: dict[int, str]  # by ISBN-13
    numbers_by_author: dict[str, list[int]]  # by folded name
    numbers_by_title: dict[str, list[int]]
    author_names: dict[int, str]  # by the number of the Open Library key


@lru_cache(maxsize=1)
def read_sample() -> Sample:
    """The sample catalogue; where two editions share an ISBN, the first has it."""
    records = {record["key"]: record for kind in sample_records().values() for record in kind}
    sample = Sample({}, records, {}, {}, {}, {})
    for key, record in records.items():
        if key.startswith("/authors/") and "name" in record:
            sample.author_names[int(key[11:-1])] = record["name"]
        for isbn in find_isbns(" ; ".join([*record.get("isbn_13", []), *record.get("isbn_10", [])])):
            if isbn not in sample.keys:
                sample.keys[isbn] = key
                _add_edition(sample, isbn, record)
    return sample


def _add_edition(sample: Sample, isbn: int, record: Record) -> None:
    number = numbers.edition_of(isbn)
    work = next((sample.records.get(each["key"], {}) for each in record.get("works", [])), {})
    keys = [each["key"] for each in record.get("authors", [])] or [
        each["author"]["key"] for each in work.get("authors", [])
    ]
    names = tuple(sample.records[key]["name"] for key in keys if "name" in sample.records.get(key, {}))
    sample.editions[number] = edition = _make_edition(number, isbn, record, names)
    sample.numbers_by_title.setdefault(fold(edition.title), []).append(number)
    for name in names:
        sample.numbers_by_author.setdefault(fold(name), []).append(number)


def _make_edition(number: int, isbn: int, record: Record, names: tuple[str, ...]) -> Edition:
    bits = scatter(number, 20)
    year = re.search(r"\b(1[5-9]|20)\d\d\b", record.get("publish_date", ""))
    languages = record.get("languages") or [{"key": "/languages/eng"}]
    return Edition(
        number=number,
        isbn=isbn,
        isbn10=isbn10(isbn),
        bits=bits,
        work=numbers.work_of(number),
        title=record["title"],
        subtitle=record.get("subtitle", ""),
        authors=names,
        publisher=next(iter(record.get("publishers", [])), ""),
        year=int(year[0]) if year else 2000,
        month=1 + bits % 12,
        day=1 + bits % 28,
        pages=record.get("number_of_pages") or 60 + bits % 840,
        form=_FORMS.get(record.get("physical_format", "").lower(), 1),
        language=languages[0]["key"].removeprefix("/languages/"),
        subjects=tuple(record.get("subjects", [])[:4]) or ("Sample data",),
        text=bits % 128,
    )
