"""The queue over HTTP: jobs asked for, followed from pending to the end, and counted."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import msgspec
import pytest

from alexandria.api.queue import JobAnswer, QueueAnswer, Queued, QueuedBatch
from alexandria.db import Database
from alexandria.queue.ids import make_id
from alexandria.queue.job import Dead, Done, Job, NewJob, Result, Retry
from alexandria.queue.store import MOST_PENDING, claim, enqueue, settle_in
from tests.api.conftest import Start
from tests.conftest import RunSQL

KEY = "bootstrap-key-of-the-tests"
FOX = "9780140328721"
Work = Callable[[Database], Any]


@pytest.fixture(scope="module")
def url(session_database: Callable[[], str]) -> str:
    return session_database()


@pytest.fixture(scope="module")
def started(start_service: Start, url: str) -> httpx2.Client:
    return start_service(url, internal_api_key=KEY)


@pytest.fixture
def service(started: httpx2.Client, url: str, run_sql: RunSQL) -> Iterator[httpx2.Client]:
    """A client with a key of a service whose queue is empty."""
    started.headers["X-API-Key"] = KEY
    yield started
    for table in ("jobs", "finished", "tallies"):
        run_sql(url, f"delete from queue.{table}")


def on_queue(url: str, work: Work) -> Any:
    async def run() -> Any:
        database = Database(url, max_size=2)
        await database.open()
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def take(url: str) -> Job:
    """The job that is due, leased."""
    [job] = on_queue(url, lambda db: claim(db, ["edition", "work", "author", "refold"], "one", 1))
    assert isinstance(job, Job)
    return job


def settle(url: str, job: Job, outcome: Any, payload: dict[str, Any] | None = None) -> None:
    async def work(db: Database) -> None:
        async with db.transaction() as transaction:
            await settle_in(transaction, [Result(job, outcome, payload)])

    on_queue(url, work)


def ask(service: httpx2.Client, **asked: Any) -> httpx2.Response:
    return service.post("/api/enrich/queue", json={"entity_type": "edition", "entity_key": FOX, **asked})


def status(service: httpx2.Client, job_id: str) -> dict[str, Any]:
    answer = service.get(f"/api/enrich/status/{job_id}")
    assert answer.status_code == 200
    msgspec.json.decode(answer.content, type=JobAnswer, strict=True)
    found: dict[str, Any] = answer.json()
    return found


def test_a_job_is_new_once_and_then_the_same(service: httpx2.Client, url: str) -> None:
    first = ask(service)
    assert first.status_code == 201
    assert first.json() == {"id": first.json()["id"], "status": "pending"}
    assert first.headers["location"] == f"/api/enrich/status/{first.json()['id']}"
    msgspec.json.decode(first.content, type=Queued, strict=True)
    again = ask(service, entity_key="0-14-032872-6", priority=9)
    assert (again.status_code, again.json()) == (200, first.json())
    assert status(service, first.json()["id"])["priority"] == 9
    take(url)
    assert (ask(service).status_code, ask(service).json()["status"]) == (200, "processing")


def test_a_job_is_followed_to_its_end(service: httpx2.Client, url: str) -> None:
    job_id = ask(service, providers_to_try=["openlibrary", "isbndb", "open-library"], priority=3).json()["id"]
    found = status(service, job_id)
    created_at = found.pop("created_at")
    assert found == {
        "id": job_id,
        "entity_type": "edition",
        "entity_key": FOX,
        "priority": 3,
        "status": "pending",
        "providers_to_try": ["open-library", "isbndb"],
        "providers_attempted": [],
        "providers_succeeded": [],
        "started_at": None,
        "completed_at": None,
        "error_message": None,
        "retry_count": 0,
    }
    assert datetime.fromisoformat(created_at).tzinfo is not None
    job = take(url)
    assert job.payload == {"providers_to_try": ["open-library", "isbndb"], "asked_for": True}
    found = status(service, job_id)
    assert found["status"] == "processing"
    assert found["started_at"] >= created_at
    tried = {**job.payload, "providers_attempted": ["open-library", "isbndb"], "providers_succeeded": ["isbndb"]}
    settle(url, job, Retry(datetime.now(UTC) - timedelta(1), "isbndb: half an answer"), tried)
    found = status(service, job_id)
    assert (found["status"], found["error_message"], found["retry_count"]) == ("pending", "isbndb: half an answer", 1)
    on_queue(url, lambda db: enqueue(db, [NewJob("edition", int(FOX), 10)]))
    settle(url, take(url), Done())
    found = status(service, job_id)
    assert (found["status"], found["error_message"], found["retry_count"]) == ("completed", None, 1)
    assert (found["providers_attempted"], found["providers_succeeded"]) == (["open-library", "isbndb"], ["isbndb"])
    assert found["completed_at"] >= found["started_at"]


@pytest.mark.parametrize(("outcome", "said"), [(Done(found=False), "not_found"), (Dead("isbndb: no"), "isbndb: no")])
def test_what_nobody_knows_and_what_is_dead_has_failed(
    service: httpx2.Client, url: str, outcome: Done | Dead, said: str
) -> None:
    job_id = ask(service).json()["id"]
    settle(url, take(url), outcome)
    found = status(service, job_id)
    assert (found["status"], found["error_message"]) == ("failed", said)
    assert found["completed_at"]
    assert ask(service).status_code == 201, "it may be asked for again"


@pytest.mark.parametrize(
    ("entity_type", "key", "shown", "chain"),
    [
        ("edition", "0-306-40615-2", "9780306406157", ["isbndb", "google-books", "open-library", "wikidata"]),
        ("work", "/works/OL45804W", "OL45804W", ["open-library", "google-books"]),
        ("author", "ol34184a", "OL34184A", ["open-library", "wikidata", "wikipedia"]),
    ],
)
def test_every_kind_of_record(service: httpx2.Client, entity_type: str, key: str, shown: str, chain: list[str]) -> None:
    answer = ask(service, entity_type=entity_type, entity_key=key)
    assert answer.status_code == 201
    found = status(service, answer.json()["id"])
    assert (found["entity_type"], found["entity_key"], found["providers_to_try"]) == (entity_type, shown, chain)


def test_a_job_of_another_kind_can_be_followed_too(service: httpx2.Client, url: str) -> None:
    [job_id] = on_queue(url, lambda db: enqueue(db, [NewJob("refold", 45804)]))
    found = status(service, str(job_id))
    assert (found["entity_type"], found["entity_key"], found["providers_to_try"]) == ("refold", "45804", [])


def test_a_job_of_long_ago_is_in_the_archive(service: httpx2.Client) -> None:
    answer = service.get("/api/enrich/status/0198f3c5-eb6f-7218-8b0d-00f7b0411290")
    assert answer.status_code == 410
    assert answer.json()["error"] == "Archived"
    for unknown in (str(make_id()), "ffffffff-ffff-7218-8b0d-00f7b0411290"):
        assert service.get(f"/api/enrich/status/{unknown}").status_code == 404


@pytest.mark.parametrize(
    "job_id",
    ["0198f3c5-eb6f-4218-8b0d-00f7b0411290", "1", "x" * 36, "nonsense", "%00", "a" * 5_000, str(UUID(int=0))],
)
def test_an_unknown_job(service: httpx2.Client, job_id: str) -> None:
    answer = service.get(f"/api/enrich/status/{job_id}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["error"] == "Job not found"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"entity_type": "book"}, "entity_type"),
        ({"entity_type": None}, "entity_type"),
        ({"entity_key": "9780140328722"}, "entity_key"),
        ({"entity_key": "OL7353617M"}, "entity_key"),
        ({"entity_key": 9780140328721}, "entity_key"),
        ({"entity_key": ""}, "entity_key"),
        ({"entity_key": "9" * 2_000}, "entity_key"),
        ({"entity_type": "work", "entity_key": "OL34184A"}, "entity_key"),
        ({"priority": 0}, "priority"),
        ({"priority": 11}, "priority"),
        ({"priority": 5.5}, "priority"),
        ({"priority": "5"}, "priority"),
        ({"providers_to_try": ["goodreads"]}, "providers_to_try"),
        ({"providers_to_try": ["user"]}, "providers_to_try"),
        ({"providers_to_try": []}, "providers_to_try"),
        ({"providers_to_try": "isbndb"}, "providers_to_try"),
        ({"providers_to_try": ["isbndb"] * 21}, "providers_to_try"),
    ],
)
def test_what_is_refused_names_its_field(service: httpx2.Client, asked: dict[str, Any], field: str) -> None:
    answer = ask(service, **asked)
    assert answer.status_code == 400
    assert [item["field"] for item in answer.json()["errors"]] == [field]
    entry = {"entity_type": "edition", "entity_key": FOX}
    answer = service.post("/api/enrich/queue/batch", json={"jobs": [entry, {**entry, **asked}]})
    assert answer.status_code == 400
    [told] = [item["field"] for item in answer.json()["errors"]]
    assert told in (f"jobs[1].{field}", f"jobs[...].{field}", field)
    assert service.get("/api/queue/status").json()["pending"] == 0, "nothing of it was enqueued"


def test_nobody_chooses_a_lane(service: httpx2.Client) -> None:
    answer = ask(service, lane="interactive")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "lane")


@pytest.mark.parametrize("path", ["/api/enrich/queue", "/api/enrich/queue/batch"])
def test_only_who_may_write_asks(service: httpx2.Client, path: str) -> None:
    del service.headers["X-API-Key"]
    answer = service.post(path, content=b"not even JSON")
    assert answer.status_code == 401
    assert answer.json()["error"] == "Unauthorized"
    assert service.get("/api/queue/status").status_code == 200


def test_a_batch_in_the_order_asked(service: httpx2.Client, url: str) -> None:
    first = ask(service).json()["id"]
    asked = [
        {"entity_type": "work", "entity_key": "OL1W"},
        {"entity_type": "edition", "entity_key": FOX},
        {"entity_type": "work", "entity_key": "OL1W", "priority": 10, "providers_to_try": ["google-books"]},
    ]
    answer = service.post("/api/enrich/queue/batch", json={"jobs": asked})
    assert answer.status_code == 201
    results = msgspec.json.decode(answer.content, type=QueuedBatch, strict=True).results
    assert [each.status for each in results] == ["pending"] * 3
    assert results[1].id == first
    assert results[0].id == results[2].id
    assert status(service, results[0].id)["priority"] == 10
    again = service.post("/api/enrich/queue/batch", json={"jobs": asked})
    assert (again.status_code, again.json()) == (200, answer.json())


@pytest.mark.parametrize("count", [0, 1_001])
def test_a_batch_has_bounds(service: httpx2.Client, count: int) -> None:
    entry = {"entity_type": "work", "entity_key": "OL1W"}
    answer = service.post("/api/enrich/queue/batch", json={"jobs": [entry] * count})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "jobs"


def test_a_thousand_at_once(service: httpx2.Client) -> None:
    jobs = [{"entity_type": "author", "entity_key": f"OL{number}A"} for number in range(1, 1_001)]
    answer = service.post("/api/enrich/queue/batch", json={"jobs": jobs})
    assert answer.status_code == 201
    assert len({each["id"] for each in answer.json()["results"]}) == 1_000


def test_a_full_queue_says_when_to_come_again(service: httpx2.Client, url: str, run_sql: RunSQL) -> None:
    active = ask(service).json()["id"]
    tally = f"insert into queue.tallies (kind, lane, minute, active) values ('x', 'harvest', now(), {MOST_PENDING})"
    run_sql(url, tally)
    answer = ask(service, entity_key="9780306406157")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert answer.json()["error"] == "Queue full"
    assert (ask(service).status_code, ask(service).json()["id"]) == (200, active)


def test_how_the_queue_stands(service: httpx2.Client, url: str) -> None:
    for number in range(1, 4):
        ask(service, entity_type="work", entity_key=f"OL{number}W")
    settle(url, take(url), Done())
    take(url)
    ask(service)
    answer = service.get("/api/queue/status")
    told = msgspec.json.decode(answer.content, type=QueueAnswer, strict=True)
    assert (told.pending, told.processing) == (2, 1)
    edition, work = told.kinds
    assert (work.kind, work.pending, work.processing, work.completed, work.per_minute) == ("work", 1, 1, 1, 0.1)
    assert (edition.kind, edition.pending, edition.next_at) == ("edition", 1, None)
    assert edition.due_since is not None
