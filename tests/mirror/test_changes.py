"""Changes applied one by one make the mirror that a load of a dump with them makes, in whatever order they come."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

from alexandria.biblio.keys import Key
from alexandria.biblio.openlibrary import TYPES, decode_wire, read_record
from alexandria.db import Database
from alexandria.mirror.changes import Applied, apply_changes
from alexandria.mirror.load import load_dumps
from alexandria.mirror.parse import WHOLE, Part
from alexandria.mirror.report import Progress
from alexandria.mirror.revise import Change
from tests import dumps
from tests.mirror.test_load import ISBNS, rows
from tests.mirror.test_replay import check_whole
from tests.pools import opened

pytestmark = pytest.mark.anyio
TABLES = ("authors", "works", "editions", "edition_isbns", "work_authors", "redirects")
DOCUMENTS = """
    select work_id, popularity, title_code, year, last_year, formats, has_cover, languages, title, more,
        array(select unnest(string_to_array(authors, E'\n')) order by 1),
        array(select unnest(string_to_array(extra, ' ')) order by 1)
    from mirror.documents order by 1"""
LATER = "2021-01-01T00:00:00.000000"


def to_change(line: bytes) -> Change:
    """The change that a dump line stands for."""
    kind, key, revision, modified, raw = line.rstrip(b"\n").split(b"\t", 4)
    record = read_record(key.decode(), decode_wire(raw, TYPES[kind.decode()]), raw)
    return Change(record, int(revision), modified.decode())


def mirror_of(url: str) -> dict[str, Any]:
    """Every row of the mirror, and its counters."""
    found: dict[str, Any] = {table: rows(url, f"select t::text from mirror.{table} t order by 1") for table in TABLES}
    found["documents"] = rows(url, DOCUMENTS)
    return found | {"counters": rows(url, "select name, value from mirror_meta.counters order by 1")}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url, timeout_ms=60_000) as pool:
        yield pool


async def apply(database: Database, lines: Iterable[bytes], part: Part = WHOLE) -> Applied:
    async with database.transaction() as transaction:
        return await apply_changes(transaction, [to_change(line) for line in lines], part)


# --- the law ----------------------------------------------------------------------------------------------------


class History:
    """Random lives of some records: born, edited, merged, deleted, back again."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.revisions: dict[tuple[str, int], int] = {}
        self.minute = 0

    def next(self) -> bytes:
        """The line of the next revision of some record."""
        kind = self.random.choice(("edition", "edition", "work", "author"))
        last = {"edition": 14, "work": 6, "author": 6}[kind]
        number = self.random.randint(1, last)
        revision = self.revisions[kind, number] = self.revisions.get((kind, number), 0) + self.random.randint(1, 2)
        self.minute += 1
        modified = (
            f"2020-{1 + self.minute // 1000:02}-{1 + self.minute // 40 % 25:02}T{self.minute % 24:02}:00:00.000000"
        )
        fate = self.random.random()
        isbns = self.isbns(kind, number)
        if fate < 0.22 and number < last:
            target = dumps.key(kind, self.random.randint(number + 1, last))
            return dumps.line(f"{kind}:redirect", number, revision, modified, location=target, **isbns)
        if fate < 0.32:
            return dumps.line(f"{kind}:delete", number, revision, modified, **isbns)
        return dumps.line(kind, number, revision, modified, **self.fields(kind, number))

    def isbns(self, kind: str, number: int) -> dict[str, Any]:
        return {"isbn_13": [ISBNS[number % 3]]} if kind == "edition" else {}

    def fields(self, kind: str, number: int) -> dict[str, Any]:
        if kind == "author":
            return {"name": f"Author {self.random.randint(1, 9)}"}
        people = [dumps.key("author", self.random.randint(1, 6)) for _ in range(self.random.randint(0, 3))]
        if kind == "work":
            return {"title": f"Work {number}", "authors": [{"author": {"key": key}} for key in people]}
        works = [{"key": dumps.key("work", self.random.randint(1, 6))}] if self.random.random() < 0.7 else []
        return {
            "title": f"Edition {self.random.randint(1, 99)}",
            "works": works,
            "authors": [{"key": key} for key in people],
            "number_of_pages": self.random.choice([None, 100]),
            **self.isbns(kind, number),
        }


def state(lines: Iterable[bytes]) -> dict[bytes, bytes]:
    """The newest line of each record, by its key."""
    found: dict[bytes, bytes] = {}
    for line in lines:
        key, revision = line.split(b"\t")[1:3]
        if key not in found or int(revision) > int(found[key].split(b"\t")[2]):
            found[key] = line
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_gives_what_a_load_gives(
    database: Database, database_url: str, empty_database_url: str, tmp_path: Path, seed: int
) -> None:
    history = History(seed)
    before, after = [history.next() for _ in range(40)], [history.next() for _ in range(120)]
    end = state([*before, *after])
    load_dumps(database_url, [dumps.write(tmp_path / "before.txt", state(before).values())])

    told = [*after, *history.random.choices(after, k=30), *history.random.choices(before, k=10)]
    history.random.shuffle(told)
    unsure: set[Key] = set()
    while told:
        size = history.random.randint(1, 25)
        unsure |= (await apply(database, told[:size])).unsure
        told = told[size:]
    while unsure:  # fetched again, as a follower does
        lines = [end[dumps.key(kind, number).encode()] for kind, number in unsure]
        unsure = (await apply(database, lines)).unsure
    followed = mirror_of(database_url)
    check_whole(database_url)

    load_dumps(database_url, [dumps.write(tmp_path / "end.txt", end.values())])
    assert followed == mirror_of(database_url)


# --- examples ---------------------------------------------------------------------------------------------------


def library() -> list[bytes]:
    return [
        dumps.line("author", 1, name="Ann Author"),
        dumps.line("work", 1, title="Work", authors=[{"author": {"key": "/authors/OL1A"}}]),
        *(dumps.edition(n, 1, ISBNS[n % 3], title="Old") for n in range(1, 21)),
    ]


@pytest.fixture
def library_url(database_url: str, tmp_path: Path) -> str:
    load_dumps(database_url, [dumps.write(tmp_path / "library.txt", library())])
    return database_url


async def test_what_applying_tells(database: Database, library_url: str) -> None:
    told = await apply(
        database,
        [
            dumps.edition(1, 1, ISBNS[2], 2, title="Edited"),
            dumps.edition(2, 1, ISBNS[2], 0, title="Older"),
            dumps.edition(30, None, "9791036900129", 1, authors=[{"key": "/authors/OL1A"}]),
            dumps.line("author", 1, 2, name="Anna Author"),
            dumps.line("work:delete", 5, 2),
        ],
    )
    assert (told.applied, told.known) == (4, 1)
    assert told.isbns == {int(ISBNS[1]), int(ISBNS[2]), 9791036900129}
    assert told.works == {5, -30}
    assert told.authors == {1}
    assert told.fresh == {9791036900129: 12}
    again = await apply(database, [dumps.edition(30, None, "9791036900129", 0)])
    assert (again.applied, again.known, again.fresh) == (0, 1, {})
    check_whole(library_url)


async def test_a_work_is_found_by_the_new_name_of_its_author(database: Database, library_url: str) -> None:
    names = "select authors from mirror.documents"
    assert rows(library_url, names) == [("@ann @author",)]
    await apply(database, [dumps.line("author", 1, 2, name="Zora Writer")])
    assert rows(library_url, names) == [("@zora @writer",)]


async def test_isbns_of_what_is_gone_still_lead_to_it(database: Database, library_url: str) -> None:
    await apply(database, [dumps.edition(1, 1, "9791036900129", 2)])
    await apply(
        database, [dumps.line("edition:redirect", 1, 3, location="/books/OL2M"), dumps.line("edition:delete", 2, 2)]
    )
    gone = "select isbn, edition_id from mirror.edition_isbns where completeness = -1 order by edition_id"
    assert rows(library_url, gone) == [(9791036900129, 1), (int(ISBNS[2]), 2)]
    await apply(database, [dumps.edition(1, 1, ISBNS[0], 4)])  # it is back
    assert rows(library_url, gone) == [(int(ISBNS[2]), 2)]
    check_whole(library_url)


async def test_only_the_part_that_was_loaded_is_followed(database: Database, library_url: str) -> None:
    english, german = ({"languages": [{"key": f"/languages/{code}"}]} for code in ("eng", "ger"))
    part = Part(with_isbn=True, languages=frozenset({"en"}))
    await apply(database, [dumps.edition(n, 1, ISBNS[0], 2, **english) for n in (1, 31)], part)
    await apply(database, [dumps.edition(n, 1, ISBNS[0], 2, **german) for n in (2, 32)], part)
    await apply(database, [dumps.line("edition", 33, 1, **english)], part)
    found = rows(library_url, "select id from mirror.editions where id < 3 or id > 30 order by 1")
    assert found == [(1,), (31,)]  # 2 turned out to be none of ours
    check_whole(library_url)


@pytest.mark.parametrize("stage", ["reading", "following merged works and authors", "indexes", "swapping"])
def test_what_is_applied_during_a_load_survives_the_swap(library_url: str, tmp_path: Path, stage: str) -> None:
    work = [{"key": "/works/OL1W"}]
    changes = [
        dumps.line("edition", 1, 9, LATER, title="Edited", isbn_13=[ISBNS[2]], works=work),
        dumps.line("edition:delete", 2, 9, LATER),
        dumps.edition(30, None, ISBNS[0], 1, title="Born", authors=[{"key": "/authors/OL1A"}]),
        dumps.line("work:redirect", 1, 9, LATER, location="/works/OL2W"),
        dumps.line("work", 2, 1, LATER, title="Other", authors=[{"author": {"key": "/authors/OL2A"}}]),
        dumps.line("author:redirect", 1, 9, LATER, location="/authors/OL2A"),
        dumps.line("author", 2, 1, LATER, name="Two"),
    ]
    waiting = [stage]

    def on_progress(progress: Progress) -> None:
        if waiting == [progress.stage]:
            waiting.clear()
            asyncio.run(apply_once(library_url, changes))

    newer = [dumps.edition(n, 1, ISBNS[n % 3], 2, title="Newer") for n in range(1, 21)]
    load_dumps(library_url, [dumps.write(tmp_path / "new.txt", [*library()[:2], *newer])], on_progress=on_progress)
    assert waiting == []
    check_whole(library_url)
    assert rows(library_url, "select title from mirror.editions where id in (1, 2, 3, 30) order by id") == [
        ("Edited",), ("Newer",), ("Born",),
    ]  # fmt: skip
    assert rows(library_url, "select distinct work_id from mirror.editions where id < 30") == [(2,)]
    assert rows(library_url, "select id from mirror.works") == [(2,)]


async def apply_once(url: str, lines: list[bytes]) -> None:
    opened = Database(url, timeout_ms=60_000)
    await opened.open()
    await apply(opened, lines)
    await opened.close()


async def test_only_one_applies_at_a_time(database: Database, library_url: str) -> None:
    """Many at once, each with the same records in another order: none waits in a circle, and counters are right."""
    lines = [dumps.edition(n, 1 + n % 3, ISBNS[n % 3], 2) for n in range(1, 41)]
    shuffled = [random.Random(seed).sample(lines, len(lines)) for seed in range(6)]
    await asyncio.gather(*(apply(database, each) for each in shuffled))
    check_whole(library_url)
