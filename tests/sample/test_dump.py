"""The synthetic dump: its format, its counts, and that nothing but seed and size decides its bytes."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import mean

import pytest

from alexandria.biblio.isbn import find_isbns, isbn13, parse_isbn
from alexandria.sample import plan as plans
from alexandria.sample.dump import CHUNK, DumpSummary, generate_dump
from alexandria.sample.lines import KINDS, Record
from alexandria.sample.numbers import LARGEST, IsbnShape, draw_isbn, isbn_shape, nth_isbn
from alexandria.sample.plan import make_plan

SIZE = 10_000  # one full round of the ISBN shapes, and more than one gzip member


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> DumpSummary:
    return generate_dump(tmp_path_factory.mktemp("dump"), SIZE, workers=1)


@pytest.fixture(scope="module")
def records(summary: DumpSummary) -> dict[str, list[Record]]:
    return {kind: list(well_formed(summary, kind)) for kind in KINDS}


def lines(summary: DumpSummary, kind: str) -> list[str]:
    return gzip.decompress(summary.files[kind].read_bytes()).decode("ascii").split("\n")[:-1]


def well_formed(summary: DumpSummary, kind: str) -> Iterator[Record]:
    for line in lines(summary, kind):
        columns = line.split("\t")
        if len(columns) == 5 and columns[4].endswith("}"):
            yield json.loads(columns[4])


def isbns(edition: Record) -> set[int]:
    texts = [*edition.get("isbn_10", []), *edition.get("isbn_13", [])]
    return {isbn for text in texts for isbn in find_isbns(text)}


def share(found: int, records: list[Record]) -> float:
    return found / len(records)


def test_every_line_but_the_damaged_ones_is_in_dump_format(summary: DumpSummary) -> None:
    damaged = 0
    for kind in KINDS:
        for line in lines(summary, kind):
            columns = line.split("\t")
            if len(columns) != 5 or not columns[4].endswith("}"):
                damaged += 1
                continue
            record = json.loads(columns[4])
            assert columns[0] == record["type"]["key"] == f"/type/{kind[:-1]}"
            assert columns[1] == record["key"]
            assert columns[2] == str(record["revision"])
            assert columns[3] == record["last_modified"]["value"] < "2026-10-31"
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", columns[3])
    assert damaged == summary.malformed == 1


def test_the_summary_counts_what_is_in_the_files(summary: DumpSummary, records: dict[str, list[Record]]) -> None:
    assert {kind: len(lines(summary, kind)) for kind in KINDS} == summary.lines
    assert summary.lines == {
        "authors": 2_700,
        "works": 7_300,
        "editions": SIZE + 1,
        "redirects": 100,
        "deletes": 100,
    }
    assert {kind: path.stat().st_size for kind, path in summary.files.items()} == summary.gzip_bytes
    editions = records["editions"]
    carried = Counter(isbn for edition in editions for isbn in isbns(edition))
    assert carried.total() == summary.isbns
    assert len(carried) == summary.distinct_isbns
    assert sum(count == 2 for count in carried.values()) == summary.shared_isbns == SIZE // 50
    assert max(carried.values()) == 2
    bare = [edition for edition in editions if not edition.keys() & {"isbn_10", "isbn_13"}]
    assert len(bare) == summary.without_isbn
    assert sum(not isbns(edition) for edition in editions) == summary.without_isbn + summary.invalid_isbns
    assert sum("works" not in edition for edition in editions) == summary.without_work


def test_each_edition_carries_its_nth_isbn(records: dict[str, list[Record]]) -> None:
    for index, edition in enumerate(records["editions"]):
        isbn = nth_isbn(index)
        assert isbn in isbns(edition) if isbn else not isbns(edition)


def test_isbns_are_valid_and_differ_far_beyond_any_real_size() -> None:
    places = [*range(5_000), *range(LARGEST - 25_000, LARGEST)]
    found = [isbn for index in places if isbn_shape(index) != IsbnShape.SHARED and (isbn := nth_isbn(index))]
    assert len(found) == len(set(found))
    assert all(parse_isbn(isbn13(isbn)) == isbn for isbn in found)
    known = {nth_isbn(index) for index in range(50)}
    assert all(draw_isbn(Random(number), 50) in known for number in range(100))


def test_the_mix_is_near_that_of_the_real_lines(summary: DumpSummary, records: dict[str, list[Record]]) -> None:
    editions = records["editions"]
    fields = Counter(field for edition in editions for field in edition)
    real = {"publishers": 0.993, "subjects": 0.666, "languages": 0.437, "covers": 0.215, "source_records": 0.176}
    for field, expected in {**real, "authors": 0.793, "isbn_10": 0.975, "isbn_13": 0.862}.items():
        assert share(fields[field], editions) == pytest.approx(expected, abs=0.035), field
    size = {kind: summary.plain_bytes[kind] / summary.lines[kind] for kind in KINDS}
    assert size["editions"] == pytest.approx(853, rel=0.08)
    assert size["works"] == pytest.approx(490, rel=0.08)
    assert size["authors"] == pytest.approx(342, rel=0.08)
    languages = Counter(edition["languages"][0]["key"] for edition in editions if "languages" in edition)
    assert languages["/languages/eng"] / languages.total() == pytest.approx(0.6, abs=0.05)
    assert len(languages) >= 12
    objects = [isinstance(edition["notes"], dict) for edition in editions if "notes" in edition]
    assert 0.9 < mean(objects) < 1


def test_the_known_mess_is_there(records: dict[str, list[Record]]) -> None:
    editions = records["editions"]
    text = [json.dumps(edition) for edition in editions]
    shapes = Counter(map(isbn_shape, range(SIZE)))
    assert shapes.keys() == set(IsbnShape)
    assert any("\\t" in ten for edition in editions for ten in map(repr, edition.get("isbn_10", [])))
    assert any("-" in isbn for edition in editions for isbn in edition.get("isbn_13", []))
    assert sum("\0" in edition["title"] for edition in editions) == 1
    assert any("u0000synt" in line for line in text)
    assert {-1, None} <= {cover for edition in editions for cover in edition.get("covers", [])}
    assert any(re.match(r"c\d{4}|\[\d{4}\?\]", edition.get("publish_date", "")) for edition in editions)
    assert sum(len(edition.get("authors", [])) == 50 for edition in editions) in {1, 2}
    names = Counter(author["name"] for author in records["authors"])
    assert sum(count > 1 for count in names.values()) >= len(records["authors"]) // 100
    roles = {json.dumps(role["type"]) for work in records["works"] for role in work.get("authors", [])}
    assert roles == {'"/type/author_role"', '{"key": "/type/author_role"}'}


def test_references_lead_to_records_and_redirects_to_something(records: dict[str, list[Record]]) -> None:
    kinds = {record["key"]: kind for kind in KINDS for record in records[kind]}
    assert len(kinds) == sum(map(len, records.values()))
    for edition in records["editions"]:
        for work in edition.get("works", []):
            assert kinds[work["key"]] in {"works", "redirects"}
        assert all(kinds[author["key"]] == "authors" for author in edition.get("authors", []))
    for work in records["works"]:
        assert all(kinds[role["author"]["key"]] == "authors" for role in work.get("authors", []))
    targets = Counter(kinds[redirect["location"]] for redirect in records["redirects"])
    assert targets["redirects"] >= 5
    assert targets["works"] > targets["editions"] > 0
    assert any(
        kinds[work["key"]] == "redirects" for edition in records["editions"] for work in edition.get("works", [])
    )


def test_few_works_have_many_editions_and_few_authors_many_works(records: dict[str, list[Record]]) -> None:
    works = Counter(work["key"] for edition in records["editions"] for work in edition.get("works", []))
    authors = Counter(role["author"]["key"] for work in records["works"] for role in work.get("authors", []))
    assert works.most_common(1)[0][1] >= 10
    assert share(sum(count == 1 for count in works.values()), records["works"]) > 0.6
    assert authors.most_common(1)[0][1] >= 20
    keys = [int(re.sub(r"\D", "", edition["key"])) for edition in records["editions"]]
    assert keys != sorted(keys)


def test_seed_and_size_decide_the_bytes_and_workers_do_not(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    size = 2_000
    alone = generate_dump(tmp_path / "1", size, on_progress=lambda *so_far: told.append(so_far), workers=1)
    together = generate_dump(tmp_path / "2", size, workers=2)
    other = generate_dump(tmp_path / "3", size, seed=2, workers=1)
    for kind in KINDS:
        assert alone.files[kind].read_bytes() == together.files[kind].read_bytes()
        assert alone.files[kind].read_bytes() != other.files[kind].read_bytes()
    assert alone.isbns == other.isbns
    assert told[-1] == (2 * size + size // 50, 2 * size + size // 50)


def test_large_files_are_several_gzip_members(summary: DumpSummary) -> None:
    assert summary.lines["editions"] > CHUNK
    assert summary.files["editions"].read_bytes().count(b"\x1f\x8b\x08") >= 2


def test_tiny_and_impossible_sizes(tmp_path: Path) -> None:
    one = generate_dump(tmp_path, 1, workers=1)
    assert one.lines == {"authors": 1, "works": 1, "editions": 1, "redirects": 0, "deletes": 0}
    assert lines(one, "deletes") == []
    for size in (0, LARGEST + 1):
        with pytest.raises(ValueError, match="a synthetic dump has 1 to"):
            generate_dump(tmp_path, size)


def test_key_numbers_are_unique_across_live_redirected_and_deleted() -> None:
    keys = make_plan(70_000, 3, "2026-10-31").edition_keys
    numbers = [keys.number(index) for index in range(keys.live + keys.redirected + keys.deleted)]
    assert len(set(numbers)) == len(numbers)
    assert min(numbers) >= 1
    for index in range(keys.redirected):
        live = keys.merged_into(index)
        assert 0 <= live < keys.live
    assert keys.redirect_target(9) == keys.live + 8
    assert keys.redirect_target(plans.TO_DELETED_EVERY // 2) >= keys.live + keys.redirected
