"""Open Library's simulated dumps: one a month, by way of redirects, in ranges, with checksums; and wrong on request."""

import gzip
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import httpx2
import pytest

from alexandria.simulator import Simulator
from alexandria.simulator.open_library.dumps import HOLLOW, last_month

Get = Callable[..., httpx2.Response]
DAY = last_month(datetime.now(UTC).date())


@pytest.fixture
def get(simulator: Simulator, http: httpx2.Client) -> Get:
    base = simulator.urls["dumps"]

    def ask(path: str, **headers: str) -> httpx2.Response:
        return http.get(base.removesuffix("/data") + path, headers=headers, follow_redirects=True)

    return ask


def test_the_newest_is_that_of_last_month(get: Get) -> None:
    answer = get("/data/ol_dump_works_latest.txt.gz")
    assert str(answer.url).endswith(f"/node/ol_dump_{DAY}/ol_dump_works_{DAY}.txt.gz")
    lines = gzip.decompress(answer.content).decode().splitlines()
    assert len(lines) > 50
    assert all(line.startswith("/type/work\t/works/OL") for line in lines)
    [listed] = [each for each in get(f"/metadata/ol_dump_{DAY}").json()["files"] if "_works_" in each["name"]]
    assert (listed["size"], listed["sha1"]) == (
        str(len(answer.content)),
        hashlib.sha1(answer.content).hexdigest(),
    )


def test_a_part_of_a_file(get: Get) -> None:
    path = f"/node/ol_dump_{DAY}/ol_dump_authors_{DAY}.txt.gz"
    whole, part = get(path), get(path, Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    assert get(path, Range="bytes=10-", **{"If-Range": whole.headers["etag"]}).status_code == 206
    assert get(path, Range="bytes=10-", **{"If-Range": '"another"'}).content == whole.content
    assert get(path, Range="bytes=99999999-").status_code == 416


@pytest.mark.parametrize(
    "path",
    [
        "/data/ol_dump_nothing_latest.txt.gz",
        "/data/ol_dump_works_2031-01-31.txt.gz",
        "/data/ol_dump_works_2026-02-27.txt.gz",
        "/data/ol_dump_works_2026-02-99.txt.gz",
        "/node/ol_dump_2025-12-31/ol_dump_works_2025-12-31.txt.gz",
    ],
)
def test_what_is_not_published(get: Get, path: str) -> None:
    assert get(path).status_code == 404


def test_bad_months(simulator: Simulator, get: Get) -> None:
    simulator.faults(dumps=[{"fault": "hollow", "match": "/node/"}, {"fault": "stale", "match": "authors_latest"}])
    assert get("/data/ol_dump_works_latest.txt.gz").content == HOLLOW
    assert len(HOLLOW) == 20
    assert f"_{last_month(DAY)}." in str(get("/data/ol_dump_authors_latest.txt.gz").url)


def test_a_leap_of_the_clock(simulator: Simulator, get: Get) -> None:
    simulator.leap(-40 * 86_400)
    assert f"_{DAY}." not in str(get("/data/ol_dump_deletes_latest.txt.gz").url)
    simulator.reset()
    assert f"_{DAY}." in str(get("/data/ol_dump_deletes_latest.txt.gz").url)


def test_lists_of_changes_that_go_wrong(simulator: Simulator, http: httpx2.Client) -> None:
    def ids(offset: int, limit: int = 100) -> list[str]:
        path = f"/recentchanges/2026/02/03.json?limit={limit}&offset={offset}"
        return [each["id"] for each in http.get(simulator.urls["open_library"] + path).json()]

    right = ids(0, 400)
    for fault, expected in (("repeated", right[:100]), ("missing", right[200:300])):
        simulator.faults(open_library=[{"fault": fault}])
        assert ids(100) == expected
    simulator.faults(open_library=[{"fault": "reordered"}])
    assert ids(100) != right[100:200]
    assert sorted(ids(100), reverse=True) == right[100:200]
    simulator.faults(open_library=[{"fault": "flooded", "copies": 25}])
    assert [each[: len(right[0])] for each in ids(0)] == [right[n // 25] for n in range(100)]
    assert len(set(ids(0))) == 100
