"""Health, stats and the documentation; what happens when the database goes away."""

import os
import re
import signal
from pathlib import Path

import httpx2

from alexandria.db import EmbeddedServer, connect, migrate
from tests.api.conftest import Start
from tests.conftest import SMALL
from tests.waiting import until


def test_stats_are_the_counters(service: httpx2.Client) -> None:
    stats = service.get("/api/stats").json()
    assert stats["mirror"] == {
        "authors": 1, "works": 1, "editions": 7, "edition_isbns": 9, "redirects": 7, "deletes": 2,
    }  # fmt: skip
    assert stats["sync"]["ol_full_dump_version"] == "2020-01-01"


def test_the_openapi_document_names_every_route(service: httpx2.Client) -> None:
    document = service.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) >= {
        "/api/isbn", "/api/isbn/batch", "/api/editions/{key}", "/api/works/{key}", "/api/works/{key}/editions",
        "/api/authors/{key}", "/api/authors/{key}/works", "/api/stats", "/health", "/ready", "/api/enrich/edition",
        "/api/enrich/queue", "/api/enrich/status/{id}", "/api/enrich/batch-direct", "/api/quota/status", "/api/alerts",
    }  # fmt: skip
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert operation["responses"].keys() & {"200", "201"}, path


def test_the_documentation_needs_no_internet(service: httpx2.Client) -> None:
    page = service.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "/api/isbn/batch" in page.text
    assert not re.search(r"(?:src|href)=[\"']?https?://|url\(https?:", page.text)  # examples may name one


def test_wrong_method(service: httpx2.Client) -> None:
    answer = service.delete("/api/stats")
    assert answer.status_code == 405
    assert answer.json()["error"] == "Method not allowed"
    assert "GET" in answer.headers["allow"]


def test_the_database_goes_away_and_comes_back(start_service: Start, open_dir: Path) -> None:
    with EmbeddedServer(open_dir / "goes-away", extra_settings=SMALL) as server:
        with connect(server.url) as connection:
            migrate(connection)
        client = start_service(server.url)
        assert client.get("/ready").status_code == 200
        pid = int((open_dir / "goes-away" / "postgresql" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        until(lambda: client.get("/ready").status_code == 503)  # its backends end a moment after it
        for path in ("/api/isbn?isbn=0140328726", "/api/works/OL1W", "/ready", "/api/stats"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
            assert answer.headers["content-type"] == "application/problem+json"
            assert "postgres" not in answer.text
        assert client.get("/health").status_code == 200
        server.ensure_running()
        until(lambda: client.get("/api/isbn?isbn=0140328726").status_code == 404)


def test_ready_tells_how_far_the_mirror_is_behind(service: httpx2.Client) -> None:
    found = service.get("/ready").json()
    assert found.keys() == {"status", "mirror_age", "changes_lag", "gaps", "behind"}
    assert found["status"] == "ok"
    assert (found["gaps"], found["behind"]) == (0, 0)
