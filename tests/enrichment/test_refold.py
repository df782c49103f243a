"""What was learned about records that are merged, here or at Open Library; and identifiers that were learned."""

import json

import pytest

from alexandria.catalog.crosswalk import list_identifiers, resolve
from alexandria.catalog.records import read_works
from alexandria.db import Database, connect
from alexandria.enrichment.merging import merge
from alexandria.enrichment.refold import refold_jobs
from alexandria.enrichment.store import Write, store
from alexandria.queue.job import NewJob
from alexandria.queue.store import claim, enqueue
from alexandria.queue.worker import apply_step
from tests.mirror.test_load import rows

pytestmark = pytest.mark.anyio
ANSWERS = "select id, provider, source from enriched.answers where kind = 'work' order by 1, 2, 3"


async def refold(database: Database, kind: str, *ids: int) -> None:
    await enqueue(database, [NewJob(kind, number) for number in ids])
    async for step in refold_jobs(await claim(database, [kind], "one", 10)):
        await apply_step(database, step)


def merge_upstream(url: str, old: int, new: int) -> None:
    with connect(url, autocommit=True) as connection:
        connection.execute(
            "insert into mirror.redirects (kind, id, revision, target_kind, target_id)"
            " values ('work', %s, 9, 'work', %s)",
            (old, new),
        )
        connection.execute("update mirror.editions set work_id = %s where work_id = %s", (new, old))
        connection.execute("delete from mirror.works where id = %s", (old,))


async def test_answers_follow_a_merge_at_open_library(database: Database, loaded_url: str) -> None:
    await store(database, [
        Write("work", 9, "user", "me", {"description": "Sly."}),
        Write("work", 9, "isbndb", "self", {"subjects": ["Hens"]}),
        Write("work", 45804, "isbndb", "self", {"subjects": ["Foxes"]}),
    ])  # fmt: skip
    merge_upstream(loaded_url, 9, 45804)
    for _ in range(2):
        await refold(database, "refold-work", 9)
        assert rows(loaded_url, ANSWERS) == [(9, "isbndb", "self"), (45804, "isbndb", "self"), (45804, "user", "me")]
    work = json.loads((await read_works(database, [45804]))[45804].body)
    assert (work["title"], work["description"]) == ("Fantastic Mr Fox", "Sly.")
    assert rows(loaded_url, "select merged_into from enriched.works where work_id = 9") == [(45804,)]


async def test_what_was_merged_by_hand_stays(database: Database, loaded_url: str) -> None:
    await store(database, [Write("work", 9, "user", "me", {"description": "Sly."})])
    await merge(database, "work", 45804, 9, "me")  # the other way round: following would go in a circle
    merge_upstream(loaded_url, 9, 45804)
    await refold(database, "refold-work", 9)
    assert rows(loaded_url, ANSWERS) == [(9, "user", "me")]


async def test_learned_identifiers_lead_both_ways(database: Database) -> None:
    await store(database, [
        Write("work", 45804, "wikidata", "self", {"identifiers": {"wikidata": ["Q1000500"]}}),
        Write("author", 34184, "wikidata", "self", {"identifiers": {"isni": ["0000000121257446"]}}),
        Write("edition", 9780140328721, "google-books", "self", {"identifiers": {"google": ["zyTCAlFPjgYC"]}}),
    ])  # fmt: skip
    found = [(each.kind, each.key, each.name) for each in await resolve(database, "wikidata", "Q1000500")]
    assert found == [("work", "OL45804W", "Fantastic Mr Fox")]
    assert [each.key for each in await resolve(database, "isni", "0000000121257446")] == ["OL34184A"]
    assert [each.isbn13 for each in await resolve(database, "google", "zyTCAlFPjgYC")] == ["9780140328721"]
    assert await resolve(database, "google", "ZYTCALFPJGYC") == []
    told = await list_identifiers(database, "work", 45804)
    assert (told["wikidata"], told["google"]) == (["Q1000500"], ["zyTCAlFPjgYC"])
    assert (await list_identifiers(database, "author", 34184))["isni"] == ["0000000121257446"]
    await merge(database, "work", 45804, 9, "me")
    await merge(database, "author", 34184, 7, "me")
    assert [each.key for each in await resolve(database, "wikidata", "Q1000500")] == ["OL9W"]
    assert [each.key for each in await resolve(database, "isni", "0000000121257446")] == ["OL7A"]
