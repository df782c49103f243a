"""Writing on a real database: what is stored, folded, logged, taken back; racing writers."""

import asyncio
from typing import Any

import msgspec
import pytest

from alexandria.biblio.isbn import parse_isbn
from alexandria.catalog.lookup import Lookup, State
from alexandria.catalog.records import Missing
from alexandria.catalog.resolve import Record, find_record
from alexandria.db import Database
from alexandria.enrichment.explain import explain
from alexandria.enrichment.merging import AlreadyMerged, merge, undo
from alexandria.enrichment.store import Write, store, take_back, unlock
from tests.conftest import RunSQL
from tests.queue.looking import sql

pytestmark = pytest.mark.anyio
KNOWN, NEW = parse_isbn("9780140328721"), parse_isbn("9780306406157")


async def look_up(database: Database, isbn: int) -> Any:
    lookup = Lookup(database)
    outcome = await lookup.one(isbn)
    await lookup.close()
    return outcome if isinstance(outcome, State) else msgspec.json.decode(outcome)


async def work(database: Database, number: int) -> Any:
    record = await find_record(database, "work", number)
    return record if isinstance(record, Missing) else msgspec.json.decode(record.body)


def told(isbn: int, source: str = "k1", provider: str = "user", **fields: Any) -> Write:
    return Write("edition", isbn, provider, source, fields)


async def test_an_isbn_that_nobody_knew_is_a_whole_answer(database: Database) -> None:
    assert await look_up(database, NEW) is State.MISSING
    [written] = await store(database, [told(NEW, title="T", publisher="P", work_key="OL45804W")])
    assert (written.created, written.updated) == (True, ("publisher", "publishers", "title", "work_key"))
    edition = await look_up(database, NEW)
    assert (edition["isbn13"], edition["key"], edition["title"], edition["publishers"]) == (str(NEW), None, "T", ["P"])
    assert (edition["work"]["key"], edition["work"]["title"]) == ("OL45804W", "Fantastic Mr Fox")
    assert edition["authors"] == [{"key": "OL34184A", "name": "Roald Dahl"}]
    assert (edition["completeness"], written.completeness, written.quality) == (25, 25, 25)


async def test_what_is_known_is_laid_over_and_the_rest_stays(database: Database) -> None:
    before = await look_up(database, KNOWN)
    await store(database, [told(KNOWN, page_count=97, title=before["title"])])
    after = await look_up(database, KNOWN)
    assert after == {**before, "page_count": 97, "updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]


async def test_series_that_were_learned_are_shown_on_the_work_with_their_positions(database: Database) -> None:
    await store(database, [told(NEW, work_key="OL45804W", series=["Foxes ; 1.5", "Library ; 2nd shelf"])])
    await store(database, [told(parse_isbn("9783161484100"), work_key="OL45804W", series=["Foxes"])])
    assert (await work(database, 45804))["series"] == [
        {"name": "Foxes", "position": "1.5"}, {"name": "Library ; 2nd shelf", "position": None},
    ]  # fmt: skip


async def test_the_same_again_changes_nothing_and_is_logged(
    database: Database, loaded_url: str, run_sql: RunSQL
) -> None:
    await store(database, [told(NEW, title="T", metadata={"a": [1]})])
    before = await look_up(database, NEW)
    [written] = await store(database, [told(NEW, title="T", metadata={"a": [1]})])
    assert (written.created, written.updated) == (False, ())
    assert await look_up(database, NEW) == before
    log = run_sql(loaded_url, "select operation, success, fields_updated from enriched.log order by at")
    assert log == [("write", True, ["metadata", "title"]), ("write", True, [])]


async def test_a_patch_leaves_what_was_said_before_and_a_whole_answer_does_not(database: Database) -> None:
    await store(database, [told(NEW, title="T"), told(NEW, publisher="P")])
    assert (await look_up(database, NEW))["title"] == "T"
    whole = Write("edition", NEW, "isbndb", "self", {"title": "I", "page_count": 5}, patch=False)
    await store(database, [whole, Write("edition", NEW, "isbndb", "self", {"title": "I"}, patch=False)])
    assert (await look_up(database, NEW))["page_count"] is None


async def test_worse_never_replaces_better_and_taking_back_restores(database: Database) -> None:
    before = await look_up(database, KNOWN)
    await store(database, [told(KNOWN, provider="isbndb", source="self", title="FANTASTIC MR FOX", page_count=100)])
    middle = await look_up(database, KNOWN)
    assert (middle["title"], middle["page_count"]) == (before["title"], 100)
    await store(database, [told(KNOWN, title="Mine", subjects=["Foxes", "animals"])])
    assert (await look_up(database, KNOWN))["subjects"] == ["Foxes", "animals"]
    assert await take_back(database, "edition", KNOWN, "user", "k1") == ("subjects", "title")
    assert await look_up(database, KNOWN) == middle
    assert await take_back(database, "edition", KNOWN, "isbndb", "self") == ("page_count",)
    assert await look_up(database, KNOWN) == before
    assert await take_back(database, "edition", KNOWN, "isbndb", "self") is None


async def test_taking_back_the_only_answer_leaves_nothing(database: Database, loaded_url: str, run_sql: RunSQL) -> None:
    await store(database, [told(NEW, title="T")])
    await take_back(database, "edition", NEW, "user", "k1")
    assert await look_up(database, NEW) is State.MISSING
    assert run_sql(loaded_url, "select count(*) from enriched.editions") == [(0,)]


async def test_a_locked_field_stays_until_it_is_unlocked(database: Database) -> None:
    await store(database, [Write("edition", KNOWN, "user", "k1", {"title": "Mine"}, frozenset({"title"}))])
    await store(database, [told(KNOWN, source="k2", title="Theirs")])
    assert (await look_up(database, KNOWN))["title"] == "Mine"
    assert await unlock(database, "edition", KNOWN, "title", "k2") is None
    assert await unlock(database, "edition", KNOWN, "title", "k1") == ("title",)
    assert (await look_up(database, KNOWN))["title"] == "Theirs"


async def test_every_field_is_explained(database: Database) -> None:
    await store(database, [told(KNOWN, provider="isbndb", source="self", title="FOX", page_count=100)])
    fields = await explain(database, "edition", KNOWN)
    title, pages = fields["title"], fields["page_count"]
    assert (title.provider, title.source, title.rule) == ("open-library", "mirror", "precedence")
    assert [(loser.provider, loser.value) for loser in title.losers] == [("isbndb", "FOX")]
    assert (pages.provider, pages.value, pages.licence) == ("isbndb", 100, "proprietary")
    assert pages.said_at
    edition = await look_up(database, KNOWN)
    served = {name for name in edition if edition[name]} - {
        "isbn13", "isbn10", "key", "work", "authors", "completeness", "updated_at"
    }  # fmt: skip
    assert served <= set(fields)


async def test_what_is_said_of_a_merged_edition_joins_what_the_mirror_says_of_the_other(database: Database) -> None:
    await database.execute(
        sql("""
        insert into mirror.redirects (kind, id, revision, target_kind, target_id) values
            ('edition', 3, 2, 'edition', 4), ('edition', 4, 2, 'edition', 1), ('edition', 5, 2, null, null)""")
    )
    await database.execute(
        sql("""
        insert into mirror.edition_isbns (isbn, edition_id, work_id, completeness, revision)
        values (9780306406157, 3, 45804, -1, 2), (9780306406164, 5, 45804, -1, 2)""")
    )
    merged = Write("edition", 9780306406157, "isbndb", "self", {"subjects": ["Foxes"], "page_count": 1})
    gone = Write("edition", 9780306406164, "isbndb", "self", {"subjects": ["Foxes"], "title": "Gone"})
    await store(database, [merged, gone])
    record = await look_up(database, 9780306406157)
    assert (record["title"], record["publisher"]) == ("Edition 1", "Puffin")
    assert set(record["subjects"]) == {"Animals", "Foxes"}
    assert (await look_up(database, 9780306406164))["subjects"] == ["Foxes"]


async def test_what_was_told_of_a_work_hides_no_merge(database: Database) -> None:
    await store(database, [Write("work", 9, "user", "k1", {"title": "Told"})])
    await database.execute(
        sql("""
        with gone as (delete from mirror.works where id = 9)
        insert into mirror.redirects (kind, id, revision, target_kind, target_id)
        values ('work', 9, 2, 'work', 45804)""")
    )
    assert (await work(database, 9))["key"] == "OL45804W"


async def test_true_is_not_one(database: Database) -> None:
    await store(database, [Write("edition", KNOWN, "user", "k1", {"metadata": {"signed": 1}})])
    [written] = await store(database, [Write("edition", KNOWN, "user", "k1", {"metadata": {"signed": True}})])
    assert written.updated == ("metadata",)
    assert (await explain(database, "edition", KNOWN))["metadata"].value["signed"] is True
    [again] = await store(database, [Write("edition", KNOWN, "user", "k1", {"metadata": {"signed": True}})])
    assert again.updated == ()


async def test_works_and_authors_before_anybody_else_knows_them(database: Database) -> None:
    writes = [
        Write("work", 10**12 + 5, "user", "k1", {"title": "New", "subjects": ["S"], "original_language": "de"}),
        Write("author", 10**12 + 6, "user", "k1", {"name": "Somebody", "gender": "Female"}),
        Write("work", 45804, "user", "k1", {"title": "Fantastic Mr Fox", "description": "d" * 60}),
        Write("author", 34184, "user", "k1", {"name": "Roald D.", "nationality": "British"}),
    ]
    written = await store(database, writes)
    assert [each.created for each in written] == [True] * 4
    assert [each.updated for each in written][2:] == [("description",), ("name", "nationality")]
    assert (await work(database, 10**12 + 5))["original_language"] == "de"
    assert (await work(database, 45804))["authors"] == [{"key": "OL34184A", "name": "Roald D."}]
    edition = await look_up(database, KNOWN)
    assert edition["work"]["description"] == "d" * 60
    assert edition["authors"] == [{"key": "OL34184A", "name": "Roald D."}]
    author = await find_record(database, "author", 10**12 + 6)
    assert isinstance(author, Record)
    assert msgspec.json.decode(author.body)["gender"] == "Female"


async def test_a_work_merged_by_hand_leads_on_and_comes_back(database: Database) -> None:
    before = await work(database, 9), await look_up(database, parse_isbn("9780140328738"))
    made = await merge(database, "work", 9, 45804, "k1")
    assert (await work(database, 9))["key"] == "OL45804W"
    assert (await look_up(database, parse_isbn("9780140328738")))["work"]["title"] == "Fantastic Mr Fox"
    with pytest.raises(AlreadyMerged):
        await merge(database, "work", 9, 45804, "k1")
    with pytest.raises(AlreadyMerged):
        await merge(database, "work", 45804, 9, "k1")
    assert await undo(database, "work", made.id, "k1")
    assert await undo(database, "work", made.id, "k1") is None
    assert (await work(database, 9), await look_up(database, parse_isbn("9780140328738"))) == before


async def test_an_author_merged_by_hand_is_named_as_the_other(database: Database) -> None:
    made = await merge(database, "author", 7, 34184, "k1")
    assert (await work(database, 9))["authors"] == [{"key": "OL34184A", "name": "Roald Dahl"}]
    await store(database, [Write("author", 34184, "user", "k1", {"name": "Roald D."})])
    assert (await work(database, 9))["authors"] == [{"key": "OL34184A", "name": "Roald D."}]
    record = await find_record(database, "author", 7)
    assert isinstance(record, Record)
    assert record.number == 34184
    await undo(database, "author", made.id, "k1")
    assert (await work(database, 9))["authors"] == [{"key": "OL7A", "name": "R. Dahl"}]


async def test_merges_made_at_once_never_form_a_circle(database: Database) -> None:
    numbers = [10**12 + n for n in range(1, 5)]
    await store(database, [Write("work", number, "user", "k1", {"title": str(number)}) for number in numbers])
    pairs = [(numbers[n], numbers[(n + 1) % 4]) for n in range(4)]
    made = await asyncio.gather(*(merge(database, "work", a, b, "k") for a, b in pairs), return_exceptions=True)
    assert sum(isinstance(each, AlreadyMerged) for each in made) == 1, made
    shown = {(await work(database, number))["key"] for number in numbers}
    assert len(shown) == 1


async def test_racing_writers_end_in_the_fold_of_their_answers(
    database: Database, loaded_url: str, run_sql: RunSQL
) -> None:
    async def write(source: str, count: int) -> None:
        for n in range(count):
            await store(database, [told(NEW, source, title=f"{source} {n}", subjects=[source], page_count=n + 1)])

    await asyncio.gather(write("k1", 100), write("k2", 100))
    answers = run_sql(loaded_url, "select source, fields ->> 'title' from enriched.answers order by source")
    assert answers == [("k1", "k1 99"), ("k2", "k2 99")]
    edition, fields = await look_up(database, NEW), await explain(database, "edition", NEW)
    assert (edition["title"], edition["page_count"]) == (fields["title"].value, 100)
    assert sorted(edition["subjects"]) == ["k1", "k2"]
    assert run_sql(loaded_url, "select count(*) from enriched.log") == [(200,)]


async def test_batches_that_overlap_wait_for_each_other_and_never_in_a_circle(database: Database) -> None:
    isbns = [parse_isbn(f"97801403287{n:02d}"[:12] + check(f"97801403287{n:02d}"[:12])) for n in range(10, 40)]
    batches = [isbns, isbns[::-1], isbns[::2] + isbns[1::2]]
    await asyncio.gather(
        *(
            store(database, [told(isbn, f"k{n}", title=f"k{n}") for isbn in batch])
            for n, batch in enumerate(batches * 4)
        )
    )
    assert len((await explain(database, "edition", isbns[0]))["title"].losers) == 11


def check(twelve: str) -> str:
    return str(-sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(twelve)) % 10)


@pytest.mark.parametrize("kind", ["edition", "work", "author"])
async def test_nothing_is_half_written(database: Database, loaded_url: str, run_sql: RunSQL, kind: Any) -> None:
    good = Write(kind, NEW, "user", "k1", {"title": "T", "name": "N"})
    bad = Write(kind, KNOWN, "user", "k1", {"title": "NUL \0", "name": "NUL \0"})
    with pytest.raises(Exception, match="\\\\u0000"):
        await store(database, [good, bad])
    assert run_sql(loaded_url, "select count(*) from enriched.answers") == [(0,)]
    assert run_sql(loaded_url, "select count(*) from enriched.log") == [(0,)]
