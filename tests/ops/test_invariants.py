"""Each promise about the database is kept by an empty one, and is seen to be broken by what breaks it."""

import pytest

from alexandria.db import connect
from alexandria.ops.invariants import PROMISES, check_invariants

JOB = """insert into queue.jobs (id, kind, key, lane, priority, payload, most_attempts, run_at, created_at, worker)
    values ('00000000-0000-7000-8000-00000000000{id}', 'edition', {id}, 'enrichment', 5, '{{}}', 3,
            now() - interval '{ago} seconds', now(), {worker})"""
FINISHED = """insert into queue.finished (id, kind, key, lane, priority, payload, result, state, attempts,
        most_attempts, created_at, finished_at)
    values ('00000000-0000-7000-8000-000000000001', 'edition', 1, 'enrichment', 5, '{{}}', '{{}}', 'completed', 1, 3,
            now(), {at})""".replace("{{}}", "{}")
TALLY = (
    "insert into queue.tallies (kind, lane, minute, active, running) values ('edition', 'enrichment', now(), {}, {})"
)
ANSWER = """insert into enriched.answers (kind, id, provider, source, licence, fields, said, quality, created_at,
        updated_at)
    values ('edition', 9780140328721, 'isbndb', 'self', 'open', '{"title": "T"}', '{}', 1, now(), now())"""
EDITION = """insert into mirror.editions (id, work_id, revision, completeness, isbns)
    values (1, -1, 1, 0, array[9780140328721])"""
LOAD = "insert into mirror_meta.loads (signature, files, state) values ('{}', '[]', 'live')"
CAMPAIGN = """insert into harvest.campaigns (kind, title, signature, parameters, state, pages, created_by)
    values ('authors', 'A', 's', '{{}}', 'running', {}, 'me')"""
STEP = """insert into harvest.steps (campaign_id, number, key, name, state, pages)
    select id, 1, 1, 'N', '{}', {} from harvest.campaigns"""

BROKEN: dict[str, list[str]] = {
    "jobs_stuck": [JOB.format(id=1, ago=40, worker="'w'"), TALLY.format(1, 1)],
    "jobs_twice": [FINISHED.replace("{at}", "now()"), FINISHED.replace("{at}", "now() - interval '1 hour'")],
    "tallies_wrong": [JOB.format(id=1, ago=0, worker="null"), TALLY.format(2, 0)],
    "misses_known": [
        "insert into enriched.misses values (9780140328721, 1, now() - interval '1 hour', now() + interval '1 day')",
        ANSWER,
    ],
    "fields_unexplained": [
        ANSWER,
        """insert into enriched.editions (isbn, chosen) values (9780140328721, '{"title": "T", "publisher": "P"}')""",
    ],
    "works_missing": ["insert into enriched.editions (isbn, work_id) values (9780140328721, 1000000000005)"],
    "names_empty": ["insert into enriched.names values ('work', 'k', 1000000000001)"],
    "lists_wrong": [EDITION, "update mirror_meta.counters set value = 1 where name = 'editions'"],
    "counters_wrong": ["update mirror_meta.counters set value = 3 where name = 'works'"],
    "mirror_half": [LOAD.format("a"), LOAD.format("b")],
    "ledger_wrong": ["insert into quota.windows (bucket, began_at, interactive) values ('isbndb', now(), 3)"],
    "covers_unsaid": ["insert into covers.attempts (isbn, state) values (9780140328721, 'stored')"],
    "pages_wrong": [CAMPAIGN.format(2), STEP.format("done", 1)],
    "steps_idle": [CAMPAIGN.format(0), STEP.format("active", 0)],
    "ticks_lost": [
        "insert into ops.ticks (name, at, job_id) values ('covers', now(), '00000000-0000-7000-8000-000000000001')"
    ],
}  # fmt: skip


def test_every_promise_can_be_seen_broken() -> None:
    assert set(BROKEN) == set(PROMISES)


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_one_promise_is_seen(database_url: str, name: str) -> None:
    with connect(database_url) as connection:
        assert [kept for kept in check_invariants(connection) if kept.broken] == []
        for statement in BROKEN[name]:
            connection.execute(statement.encode())
        [broken] = [kept for kept in check_invariants(connection) if kept.broken]
        assert (broken.name, broken.broken) == (name, 1)
        assert str(broken).startswith(f"{PROMISES[name]}: broken 1 times, such as ")
        assert broken.example
