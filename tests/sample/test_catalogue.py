"""The sample catalogue: every real fact stands in its fixture, and the special cases are there."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from alexandria.biblio.isbn import find_isbns, isbn10, parse_isbn
from alexandria.sample.catalogue import (
    SAMPLE_EDITIONS,
    Entry,
    real_entries,
    sample_isbns,
    sample_records,
    write_sample,
)
from alexandria.sample.lines import KINDS, Record
from alexandria.sample.synthetic import KEY_BASE

FIXTURES = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures" / "openlibrary"
BOOKKEEPING = {"type", "revision", "latest_revision", "created", "last_modified"}


@pytest.fixture(scope="module")
def records() -> dict[str, list[Record]]:
    return sample_records()


@cache
def fixture_records(source: str) -> dict[str, Record]:
    """The records of one fixture file by the key that an entry's origin names."""
    text = (FIXTURES / source).read_text(encoding="utf-8")
    if source.endswith(".json"):
        answer = json.loads(text)
        return {doc["key"].split("/")[-1]: doc for doc in answer["docs"]} if "docs" in answer else answer
    lines = (line.split("\t") for line in text.split("\n"))
    return {columns[1]: json.loads(columns[4]) for columns in lines if len(columns) == 5}


def leaves(value: Any) -> Iterator[str]:
    """Every scalar inside a JSON value as text, keys (also those in a web address) without their folder."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        key = re.search(r"/(?:books|works|authors|languages|type)/(\w+)", str(value))
        yield key[1] if key else str(value)


def isbn_numbers(record: Record) -> set[int]:
    texts = [*record.get("isbn_10", []), *record.get("isbn_13", [])]
    return {isbn for text in texts for isbn in find_isbns(text)}


def find_edition(records: dict[str, list[Record]], text: str) -> list[Record]:
    return [edition for edition in records["editions"] if parse_isbn(text) in isbn_numbers(edition)]


@pytest.mark.skipif(not FIXTURES.is_dir(), reason=f"the Open Library fixtures are not beside the repo ({FIXTURES})")
@pytest.mark.parametrize("entry", real_entries(), ids=lambda entry: entry.record["key"])
def test_every_real_fact_stands_in_the_fixture_it_names(entry: Entry) -> None:
    recorded = fixture_records(entry.source)[entry.origin]
    exempt = {"type"} if entry.origin == entry.record["key"] else BOOKKEEPING
    known = set(leaves(recorded))
    statement = str(recorded.get("by_statement", ""))
    for field, value in entry.record.items():
        if field in exempt or (field == "last_modified" and value["value"].startswith("1970")):
            continue
        strange = [
            leaf
            for leaf in leaves(value)
            if leaf not in known | {"author_role"} and not (field == "name" and leaf in statement)
        ]
        assert not strange, f"{field} of {entry.record['key']} is not in {entry.source}"


def test_there_are_three_hundred_editions_of_which_about_sixty_are_real(
    records: dict[str, list[Record]],
) -> None:
    real = [entry for entry in real_entries() if entry.record["type"]["key"] == "/type/edition"]
    assert len(records["editions"]) == SAMPLE_EDITIONS
    assert 55 <= len(real) <= 70
    keys = [record["key"] for kind in KINDS for record in records[kind]]
    assert len(keys) == len(set(keys))


def test_only_real_records_have_keys_below_the_synthetic_range(records: dict[str, list[Record]]) -> None:
    real = {entry.record["key"] for entry in real_entries()}
    for kind in KINDS:
        for record in records[kind]:
            number = int(re.sub(r"\D", "", record["key"]))
            assert (number > KEY_BASE) == (record["key"] not in real)


def test_many_languages_and_scripts(records: dict[str, list[Record]]) -> None:
    editions = records["editions"]
    languages = Counter(language["key"] for edition in editions for language in edition.get("languages", []))
    assert len(languages) >= 8
    titles = " ".join(edition["title"] for edition in editions)
    for letter in "яβשل川书ıüé":
        assert letter in titles


def test_no_prose_anywhere(records: dict[str, list[Record]]) -> None:
    prose = {"description", "notes", "first_sentence", "bio", "table_of_contents", "excerpts"}
    for kind in KINDS:
        for record in records[kind]:
            assert not prose & record.keys()
            assert all(len(subject) <= 40 for subject in record.get("subjects", []))


def test_references_inside_the_synthetic_range_resolve(records: dict[str, list[Record]]) -> None:
    keys = {record["key"] for kind in KINDS for record in records[kind]}
    for kind in ("works", "editions"):
        for record in records[kind]:
            for leaf in re.findall(r"/(?:works|authors)/OL9\d{8}[WA]", json.dumps(record)):
                assert leaf in keys


def test_the_isbns_shown_are_what_they_promise(records: dict[str, list[Record]]) -> None:
    isbns = sample_isbns()
    assert [edition["title"] for edition in find_edition(records, isbns.hit)] == ["The Great Gatsby"]
    assert find_edition(records, isbns.translated)[0]["translation_of"] == "Братья Карамазовы"
    assert find_edition(records, isbns.script)[0]["languages"] == [{"key": "/languages/gre"}]
    assert len(find_edition(records, isbns.shared)) == 2
    alone = find_edition(records, isbns.isbn10_only)[0]
    assert "isbn_13" not in alone
    assert "works" not in alone
    assert len(find_edition(records, isbns.many_editions)) == 1
    assert isbn10(parse_isbn(isbns.prefix_979)) is None
    assert find_edition(records, isbns.prefix_979)
    assert find_edition(records, isbns.miss) == []


def test_an_edition_reaches_its_work_over_two_redirects(records: dict[str, list[Record]]) -> None:
    target = {redirect["key"]: redirect["location"] for redirect in records["redirects"]}
    (edition,) = find_edition(records, sample_isbns().redirected)
    key = edition["works"][0]["key"]
    hops = 0
    while key in target:
        key, hops = target[key], hops + 1
    assert hops == 2
    assert [work["title"] for work in records["works"] if work["key"] == key] == [edition["title"]]
    assert target[f"/works/OL{KEY_BASE + 903}W"] == "/works/OL100005W"
    assert target["/works/OL100005W"] == "/works/OL27448W"


def test_works_and_authors_are_plural(records: dict[str, list[Record]]) -> None:
    works = Counter(work["key"] for edition in records["editions"] for work in edition.get("works", []))
    authors = Counter(role["author"]["key"] for work in records["works"] for role in work.get("authors", []))
    assert works["/works/OL15832982W"] == 9  # Sabriel
    assert authors["/authors/OL26320A"] >= 15  # Tolkien
    assert any(record["key"] == "/works/OL1000619W" for record in records["deletes"])


def test_the_files_are_in_dump_format_and_always_the_same(tmp_path: Path) -> None:
    paths = write_sample(tmp_path / "one")
    assert [path.name for path in paths] == [f"ol_dump_{kind}_2026-10-31.txt.gz" for kind in KINDS]
    assert [path.read_bytes() for path in paths] == [path.read_bytes() for path in write_sample(tmp_path / "two")]
    for path in paths:
        text = gzip.decompress(path.read_bytes()).decode("ascii")
        assert text.endswith("\n")
        for line in text.splitlines():
            kind, key, revision, modified, body = line.split("\t")
            record = json.loads(body)
            assert record["type"]["key"] == kind
            assert record["key"] == key
            assert str(record["revision"]) == revision
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", modified)
            assert record["last_modified"] == {"type": "/type/datetime", "value": modified}
