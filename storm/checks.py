"""What is broken when a storm is over: nothing lost, doubled, over quota, half seen or unacknowledged."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from alexandria.db import connect
from alexandria.ops.invariants import check_invariants
from alexandria.simulator import Simulator
from storm.people import Asker, title_of
from storm.place import Place

SAMPLE: Final = 40
EXPLAINED: Final = ("title", "subtitle", "publisher", "page_count", "language", "format", "description")
LOST = """
    select count(*), min(isbn)::text from unnest(%(isbns)s::bigint[]) as isbn
    where not exists (select from queue.finished f where f.kind = 'edition' and f.key = isbn)"""
UNSETTLED = """
    select count(*), min(t.isbn)::text from unnest(%(isbns)s::bigint[]) as t (isbn)
    where not exists (select from enriched.editions e where e.isbn = t.isbn)
      and not exists (select from enriched.misses m where m.isbn = t.isbn)
      and not exists (select from mirror.edition_isbns i where i.isbn = t.isbn)"""  # a change of that moment told of it
DEAD = "select count(*), min(kind || ' ' || key || ': ' || error) from queue.finished where state = 'dead'"
WRITTEN = """
    select id, fields ->> 'title' from enriched.answers
    where kind = 'edition' and provider = 'user' and id = any(%(isbns)s::bigint[])"""
CALLS = """
    select bucket, count(*), sum(units) from quota.calls
    where id > %(after)s and sent is not false group by bucket"""


class Check(msgspec.Struct):
    """One thing that must be so: how often it is not, and an example."""

    promise: str
    broken: int
    example: str = ""


def check_database(place: Place) -> Iterator[Check]:
    """The invariants of the whole database."""
    with connect(place.url, autocommit=True) as connection:
        for kept in check_invariants(connection):
            yield Check(kept.promise, kept.broken, kept.example or "")


def check_jobs(place: Place, isbns: Sequence[int]) -> Iterator[Check]:
    """Whether each ISBN that was acknowledged was looked for, and is known or known to be unknown."""
    for promise, sql in (
        ("every job that was acknowledged is over", LOST),
        ("every ISBN that was asked for is known, or known to be unknown", UNSETTLED),
        ("no job was given up", DEAD),
    ):
        [(count, example)] = place.rows(sql, {"isbns": list(isbns)})
        yield Check(promise, count, example or "")


def check_writes(place: Place, isbns: Sequence[int]) -> Check:
    """Whether everything that was acknowledged is there."""
    there = dict(place.rows(WRITTEN, {"isbns": list(isbns)}))
    lost = [isbn for isbn in isbns if there.get(isbn) != title_of(isbn)]
    return Check("every write that was acknowledged is there", len(lost), str(lost[0]) if lost else "")


def check_quota(place: Place, simulator: Simulator, after: int) -> Iterator[Check]:
    """Whether the providers counted no more than the ledger since a call, and saw nothing over their limits."""
    state, over = simulator.state(), []
    for bucket, requests, units in place.rows(CALLS, {"after": after}):
        theirs = state.get(bucket.replace("-", "_"), {})
        if theirs.get("requests", 0) > requests:
            over.append(f"{bucket}: {theirs['requests']} requests, the ledger has {requests}")
        if bucket == "isbndb" and theirs.get("units", 0) > units:
            over.append(f"{bucket}: {theirs['units']} units, the ledger has {units}")
    yield Check("no request and no unit is missing in the ledger", len(over), over[0] if over else "")
    broken = {name: found for name, found in simulator.violations().items() if name != "dumps"}
    example = "; ".join(f"{name}: {found[0]['detail']}" for name, found in broken.items())
    yield Check("no provider saw anything over its limits", sum(map(len, broken.values())), example)


def check_covers(place: Place) -> Check:
    """Whether every cover has its pictures."""
    done = place.command("covers", "check", "--json")
    found: Mapping[str, Any] = json.loads(done.stdout) if done.stdout else {"missing": [done.stderr.strip()]}
    wrong = [*found.get("missing", []), *found.get("strange", [])]
    return Check("every cover has its pictures", len(wrong), str(wrong[0]) if wrong else "")


def check_explained(place: Place, isbns: Sequence[int], seed: int) -> Check:
    """Whether every field that is served can be explained, for some of the editions that are known."""
    asker, wrong = Asker(place.ports[0]), []
    for isbn in random.Random(seed).sample(isbns, min(SAMPLE, len(isbns))):
        status, body = asker.ask("GET", f"/api/isbn?isbn={isbn}")
        if status != "200":
            continue
        [edition] = json.loads(body)["results"]
        _, body = asker.ask("GET", f"/api/explain/edition/{isbn}")
        fields = json.loads(body)["fields"]
        wrong += [f"{isbn} {name}" for name in EXPLAINED if edition.get(name) and name not in fields]
    asker.close()
    return Check("every served field can be explained", len(wrong), wrong[0] if wrong else "")
