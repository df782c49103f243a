"""Rate limits: the law of the bucket by an injected clock, the headers and proxies over HTTP."""

import math
from collections.abc import Callable

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.api.limits import Limit
from tests.api.conftest import Start

SECRET = "bootstrap-key-of-the-tests"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_the_rate() -> None:
    clock = Clock()
    limit = Limit("read", 5, clock=clock)
    assert [limit.take("x").remaining for _ in range(10)] == list(range(9, -1, -1))
    refused = limit.take("x")
    assert refused.remaining == 0
    assert refused.retry_after == pytest.approx(0.2)
    assert limit.take("y").retry_after is None  # another caller has another bucket
    assert limit.take("x").retry_after == refused.retry_after  # to be refused costs nothing
    clock.now += 0.2
    passed = limit.take("x")
    assert (passed.remaining, passed.retry_after) == (0, None)
    assert passed.full_in == pytest.approx(2)
    assert limit.take("x").retry_after is not None
    clock.now += 60
    assert limit.take("x").remaining == 9  # full, and no fuller


@given(
    st.floats(0.01, 10_000),
    st.lists(st.one_of(st.just(0.0), st.floats(0, 3), st.floats(0, 1e-4)), min_size=1, max_size=300),
)
def test_never_more_than_the_burst_and_the_rate(rate: float, pauses: list[float]) -> None:
    clock = Clock()
    limit = Limit("read", rate, clock=clock)
    begun, passed = clock.now, 0
    for pause in pauses:
        clock.now += pause
        taken = limit.take("x")
        passed += taken.retry_after is None
        assert passed <= limit.burst + (clock.now - begun) * rate + 1e-3
        assert 0 <= taken.remaining < limit.burst
        if taken.retry_after is not None:
            clock.now += taken.retry_after
            assert limit.take("x").retry_after is None, "what it says is enough"
            passed += 1


@pytest.mark.parametrize(
    ("rate", "policy", "first"),
    [(600, b'"read";q=1200;w=2', b'"read";r=1199;t=1'), (0.25, b'"read";q=1;w=4', b'"read";r=0;t=4'),
     (1, b'"read";q=2;w=2', b'"read";r=1;t=1'), (1.2, b'"read";q=2;w=2', b'"read";r=1;t=1')],
)  # fmt: skip
def test_headers(rate: float, policy: bytes, first: bytes) -> None:
    limit = Limit("read", rate)
    assert limit.headers(limit.take("x")) == [(b"ratelimit-policy", policy), (b"ratelimit", first)]


def test_callers_are_forgotten_the_idle_first() -> None:
    clock = Clock()
    limit = Limit("read", 1, most=100, clock=clock)
    for _ in range(2):
        limit.take("greedy")
    for number in range(10_000):
        limit.take(str(number))
        assert len(limit._full_at) <= 100
        assert limit.take("greedy").retry_after is not None  # strangers do not wash away who asks too much
    clock.now += 10
    for _ in range(2):
        limit.take("late")
    for number in range(100):
        limit.take(str(number))
    assert "late" in limit._full_at
    assert "greedy" not in limit._full_at


def from_address(text: str) -> dict[str, str]:
    return {"X-Forwarded-For": text}


@pytest.fixture(scope="module")
def tight(start_service: Start, session_database: Callable[[], str]) -> httpx2.Client:
    """A service behind a proxy (the tests), where a caller may read and write next to nothing."""
    return start_service(
        session_database(), trusted_proxies="127.0.0.1", read_rate="0.002", write_rate="0.001", cors_origins="*",
        internal_api_key=SECRET,
    )  # fmt: skip


@pytest.mark.parametrize(
    "request_line",
    [("GET", "/api/isbn?isbn=0140328726"), ("HEAD", "/api/isbn?isbn=0140328726"), ("GET", "/api/stats"),
     ("GET", "/nowhere"), ("GET", "/docs"), ("GET", "/health"), ("POST", "/api/isbn/batch"), ("DELETE", "/api/stats")],
)  # fmt: skip
def test_one_passes_the_next_is_told_when(tight: httpx2.Client, request_line: tuple[str, str]) -> None:
    method, path = request_line
    name, wait = ("write", 1000) if method == "DELETE" else ("read", 500)
    headers = from_address(f"203.0.113.{sum(map(ord, method + path)) % 250}")
    first = tight.request(method, path, headers=headers)
    assert first.status_code != 429
    assert first.headers["ratelimit-policy"] == f'"{name}";q=1;w={wait}'
    assert first.headers["ratelimit"] == f'"{name}";r=0;t={wait}'
    second = tight.request(method, path, headers=headers)
    assert second.status_code == 429
    assert wait - 60 <= int(second.headers["retry-after"]) <= wait
    assert second.headers["ratelimit"].startswith(f'"{name}";r=0;t=')
    assert second.headers["access-control-allow-origin"] == "*"  # a page can read why
    assert second.headers["content-type"] == "application/problem+json"
    if method != "HEAD":
        assert second.json()["error"] == "Too many requests"
        assert "from this address" in second.json()["detail"]


def test_callers_of_one_proxy_are_told_apart(tight: httpx2.Client) -> None:
    def status(forwarded: str) -> int:
        return tight.get("/api/stats", headers=from_address(forwarded)).status_code

    assert status("198.51.100.1") == 200
    assert status("198.51.100.2") == 200
    assert status("192.0.2.7, 198.51.100.1") == 429  # what the caller put before it is not believed
    assert status("2001:db8:5:6::1") == 200
    assert status("2001:db8:5:6:ffff::2") == 429  # the same /64
    assert status("2001:db8:5:7::1") == 200
    assert status("rubbish") == 200  # then it is the proxy
    assert status("other rubbish") == 429


def test_a_key_has_a_limit_of_its_own(tight: httpx2.Client) -> None:
    def answer(address: str, key: str) -> httpx2.Response:
        return tight.get("/api/stats", headers={**from_address(address), "X-API-Key": key})

    assert answer("198.51.100.10", SECRET).status_code == 200
    assert answer("198.51.100.11", SECRET).status_code == 429  # from wherever
    assert "with this key" in answer("198.51.100.11", SECRET).json()["detail"]
    assert tight.get("/api/stats", headers=from_address("198.51.100.11")).status_code == 200


def test_wrong_keys_count_against_the_address(tight: httpx2.Client) -> None:
    headers = {**from_address("198.51.100.20"), "X-API-Key": "wrong"}
    assert tight.get("/api/stats", headers=headers).status_code == 401
    assert tight.get("/api/stats", headers=headers).status_code == 429


def test_this_machine_itself_is_not_limited(tight: httpx2.Client) -> None:
    for _ in range(5):
        answer = tight.get("/api/isbn?isbn=0140328726")
        assert answer.status_code == 404
        assert "ratelimit" not in answer.headers


def test_the_defaults_never_hurt_one_application() -> None:
    clock = Clock()
    limit = Limit("read", 600, clock=clock)
    for _ in range(100):
        taken = [limit.take("x").retry_after for _ in range(59)]
        assert taken == [None] * 59
        clock.now += 0.1
    assert math.isclose(limit.burst, 1200)
