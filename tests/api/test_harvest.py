"""Harvests over HTTP: what is asked for becomes a campaign, what cannot be is refused by field."""

from collections.abc import Callable
from typing import Any

import httpx2
import msgspec
import pytest

from alexandria.api.harvest import HarvestAnswer, HarvestStarted
from tests.api.conftest import Start
from tests.conftest import RunSQL

KEY = "bootstrap-key-of-the-tests"
BIBLIOGRAPHY, RELEASES = "/api/authors/enrich-bibliography", "/api/books/enrich-new-releases"
MONTHS = {"start_month": "2026-10", "end_month": "2026-11"}


@pytest.fixture(scope="module")
def url(session_database: Callable[[], str], run_sql: RunSQL) -> str:
    url = session_database()
    run_sql(
        url, "insert into mirror.authors (id, revision, name) values (34184, 1, 'Roald Dahl'), (7, 1, 'Roald Dahl')"
    )
    run_sql(url, "insert into mirror.work_authors values (34184, 1), (34184, 2), (7, 3)")
    run_sql(url, "insert into mirror.editions (id, work_id, revision, completeness) select n, 1, 1, 0 from"
                 " generate_series(1, 150) n")  # fmt: skip
    run_sql(url, "insert into mirror.redirects (kind, id, revision, target_kind, target_id)"
                 " values ('author', 99, 1, 'author', 34184)")  # fmt: skip
    return url


@pytest.fixture(scope="module")
def service(start_service: Start, url: str) -> httpx2.Client:
    client = start_service(url, internal_api_key=KEY)
    client.headers["X-API-Key"] = KEY
    return client


def ask(service: httpx2.Client, path: str, **body: Any) -> httpx2.Response:
    return service.post(path, json=body)


def test_a_bibliography_is_a_campaign_once(service: httpx2.Client) -> None:
    first = ask(service, BIBLIOGRAPHY, author_name="roald dahl", max_pages=5)
    assert first.status_code == 202
    found = msgspec.json.decode(first.content, type=HarvestStarted, strict=True)
    assert (found.author_key, found.author_name, found.title) == ("OL34184A", "Roald Dahl", "1 author")
    assert (found.cost.units_least, found.cost.units_most, found.cost.by_isbn) == (3, 5, 225)
    assert first.headers["location"] == found.status_url == f"/api/harvest/{found.id}"
    for key in ("OL34184A", "/authors/OL34184A", "OL99A"):  # the last was merged into it
        again = ask(service, BIBLIOGRAPHY, author_key=key, max_pages=5)
        assert (again.status_code, again.json()["id"]) == (200, found.id)
    answer = service.get(found.status_url or "")
    assert answer.status_code == 200
    status = msgspec.json.decode(answer.content, type=HarvestAnswer, strict=True)
    assert (status.id, status.kind, status.state, status.units, status.failures) == (
        found.id,
        "authors",
        "planning",
        0,
        [],
    )


def test_a_dry_run_starts_nothing(service: httpx2.Client, url: str, run_sql: RunSQL) -> None:
    before = run_sql(url, "select count(*) from harvest.campaigns")
    answer = ask(service, RELEASES, **MONTHS, max_pages_per_month=3, dry_run=True)
    assert (answer.status_code, answer.json()["id"]) == (200, None)
    assert answer.json()["cost"] == {
        "steps": 2, "units_least": 2, "units_most": 6, "editions": 600, "by_isbn": 600, "days": 0.0,
    }  # fmt: skip
    assert run_sql(url, "select count(*) from harvest.campaigns") == before


def test_releases(service: httpx2.Client, url: str, run_sql: RunSQL) -> None:
    answer = ask(service, RELEASES, **MONTHS, subjects=["Poetry"], skip_existing=False)
    assert (answer.status_code, answer.json()["title"]) == (202, "2026-10 to 2026-11")
    [(parameters,)] = run_sql(url, f"select parameters from harvest.campaigns where id = {answer.json()['id']}")
    assert parameters == {"type": "releases", "months": ["2026-11", "2026-10"], "max_pages": 20,
                          "subjects": ["Poetry"], "skip_existing": False}  # fmt: skip


def test_without_units_it_waits_and_says_so(service: httpx2.Client, url: str, run_sql: RunSQL) -> None:
    run_sql(url, "insert into quota.windows (bucket, began_at, resets_at, harvest)"
                 " values ('isbndb', now() - interval '1 hour', now() + interval '23 hours', 100000)")  # fmt: skip
    try:
        answer = ask(service, BIBLIOGRAPHY, author_key="OL7A")
    finally:
        run_sql(url, "delete from quota.windows")
    assert answer.status_code == 429
    assert answer.json()["resets_at"]
    assert service.get(answer.json()["status_url"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (BIBLIOGRAPHY, {}, "author_key"),
        (BIBLIOGRAPHY, {"author_name": "A", "author_key": "OL1A"}, "author_key"),
        (BIBLIOGRAPHY, {"author_key": "OL1W"}, "author_key"),
        (BIBLIOGRAPHY, {"author_key": ""}, "author_key"),
        (BIBLIOGRAPHY, {"author_name": ""}, "author_name"),
        (BIBLIOGRAPHY, {"author_name": "x" * 10_240}, "author_name"),
        (BIBLIOGRAPHY, {"author_name": "\x00\x01\x1f"}, "author_name"),
        (BIBLIOGRAPHY, {"author_name": "Nobody", "max_pages": 0}, "max_pages"),
        (BIBLIOGRAPHY, {"author_name": "Roald Dahl", "max_pages": 10_000}, "max_pages"),
        (BIBLIOGRAPHY, {"author_name": "Roald Dahl", "max_pages": "5"}, "max_pages"),
        (BIBLIOGRAPHY, {"author": "Roald Dahl"}, "author"),
        (RELEASES, {"start_month": "2026-13", "end_month": "2026-11"}, "start_month"),
        (RELEASES, {"start_month": "2026-11", "end_month": "2026-10"}, "end_month"),
        (RELEASES, {"start_month": "2026-11"}, "end_month"),
        (RELEASES, {**MONTHS, "max_pages_per_month": 0}, "max_pages_per_month"),
        (RELEASES, {**MONTHS, "max_pages_per_month": 10**30}, "max_pages_per_month"),
        (RELEASES, {**MONTHS, "subjects": [""]}, "subjects"),
        (RELEASES, {**MONTHS, "subjects": ["x"] * 51}, "subjects"),
    ],
)
def test_bad_input_names_the_field(service: httpx2.Client, path: str, body: dict[str, Any], field: str) -> None:
    answer = ask(service, path, **body)
    assert answer.status_code == 400, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("body", [{"author_name": "Nobody Whatever"}, {"author_key": "OL5A"}, {"author_key": "AX5A"}])
def test_unknown_authors(service: httpx2.Client, body: dict[str, str]) -> None:
    assert ask(service, BIBLIOGRAPHY, **body).status_code == 404


@pytest.mark.parametrize("id", ["0", "999", "-1", "x", "9" * 40, "1e3", "%00"])
def test_unknown_campaigns(service: httpx2.Client, id: str) -> None:
    assert service.get(f"/api/harvest/{id}").status_code == 404


@pytest.mark.parametrize("path", [BIBLIOGRAPHY, RELEASES])
def test_a_stranger_may_not_spend(service: httpx2.Client, path: str) -> None:
    answer = httpx2.post(f"{service.base_url}{path}", json={"nonsense": 1}, timeout=60)
    assert answer.status_code == 401
