"""A caller who wants to do harm, over real sockets: slow, huge, many, ambiguous. Others are answered meanwhile.

`ALEXANDRIA_TEST_CONNECTIONS` opens as many idle connections as it says, instead of a thousand (`make fuzz`: 10,000).
"""

import gzip
import os
import resource
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx2
import pytest

from tests.api.conftest import Start
from tests.api.sockets import connect, crowd, exchange, is_closed, read_to_end, statuses
from tests.waiting import until

KEY = "k" * 32
KNOWN, UNKNOWN = "/api/isbn?isbn=9780140328721", "/api/isbn?isbn=9780306406157"
PATIENCE = 1  # seconds
MANY = int(os.environ.get("ALEXANDRIA_TEST_CONNECTIONS", "1000"))
SLOW = 300  # callers who drip at the same time
HOST = b"Host: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def target(start_service: Start, session_database: Callable[[], str]) -> Iterator[httpx2.Client]:
    """A client, each request over a connection of its own, of a service whose patience is short."""
    service = start_service(session_database(), patience=str(PATIENCE), internal_api_key=KEY)
    with httpx2.Client(base_url=service.base_url, limits=httpx2.Limits(max_keepalive_connections=0)) as client:
        yield client


@pytest.fixture(autouse=True)
def still_answers(target: httpx2.Client) -> Iterator[None]:
    """Whatever a test did, an ordinary caller is answered before and after it."""
    answers_others(target)
    yield
    answers_others(target)


def answers_others(target: httpx2.Client) -> None:
    """Nothing; an ordinary lookup, over a connection of its own, is answered."""
    with httpx2.Client(base_url=target.base_url, timeout=60) as other:
        for _ in range(3):
            assert other.get(UNKNOWN).status_code == 404
        assert other.get("/ready").status_code == 200


# --- slow -----------------------------------------------------------------------------------------------------


def drip(target: httpx2.Client, head: bytes, byte: bytes) -> None:
    """Nothing; callers who begin with `head` and go on with one byte at a time are all hung up on."""
    with crowd(target, SLOW, head) as slow:
        answers_others(target)
        left = list(slow)

        def all_closed() -> bool:
            left[:] = [connection for connection in left if not is_closed(connection)]
            for connection in left:
                with suppress(OSError):
                    connection.send(byte)
            return not left

        until(all_closed)


@pytest.mark.parametrize(
    "head",
    [b"", b"G", b"GET /api/isbn?isbn=", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nX-Slow: ", b"PRI * HTTP/2.0\r\n"],
    ids=["nothing", "a letter", "a line", "headers", "a header", "HTTP/2"],
)
def test_heads_that_drip_are_hung_up_on(target: httpx2.Client, head: bytes) -> None:
    drip(target, head, b"a")


def test_a_head_that_is_never_begun_is_hung_up_on(target: httpx2.Client) -> None:
    with connect(target) as silent:
        assert read_to_end(silent) == b""


def test_a_connection_that_idles_between_requests_is_closed(target: httpx2.Client) -> None:
    with connect(target) as kept:
        kept.sendall(b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n")
        assert statuses(read_to_end(kept)) == [200]


@pytest.mark.parametrize("length", [b"Content-Length: 1000", b"Transfer-Encoding: chunked"], ids=["length", "chunks"])
def test_a_body_that_drips_is_answered_with_408(target: httpx2.Client, length: bytes) -> None:
    head = b"POST /api/isbn/batch HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST + length + b"\r\n\r\n"
    begun = b'3e8\r\n{"isbns"' if b"chunked" in length else b'{"isbns"'
    drip(target, head + begun, b" ")
    with connect(target) as slow:
        slow.sendall(head + begun)
        answer = read_to_end(slow)
    assert statuses(answer) == [408]
    assert b'"error":"Too slow"' in answer
    assert b"connection: close" in answer.lower()


def test_an_answer_that_is_not_read_holds_up_nobody(target: httpx2.Client) -> None:
    with crowd(target, 50) as readers:
        for reader in readers:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.sendall(b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n")
        answers_others(target)


# --- many -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def patient_target(start_service: Start, session_database: Callable[[], str]) -> httpx2.Client:
    """A service with the settings that it has by itself."""
    return start_service(session_database())


def test_a_thousand_idle_connections_lock_nobody_out(patient_target: httpx2.Client) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < MANY + 200:
        pytest.skip(f"{MANY} connections need more than the {hard} open files that this system allows a process")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, MANY + 200), hard))
    with crowd(patient_target, MANY) as idle:
        answers_others(patient_target)
        last = idle[-1]
        last.sendall(b"GET /health HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
        assert statuses(read_to_end(last)) == [200]


def test_more_connections_than_allowed_wait_for_a_place(
    start_service: Start, session_database: Callable[[], str]
) -> None:
    few = start_service(session_database(), most_connections="20", patience="1")
    with crowd(few, 40):
        answers_others(few)  # as soon as the idle ones are hung up on


# --- huge -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"GET /api/isbn?isbn=" + b"9" * 70_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (b"GET /" + b"x" * 200_000, 431),
        (b"GET /health HTTP/1.1\r\nX-Huge: " + b"x" * 1_000_000 + b"\r\n" + HOST + b"\r\n", 431),
        (b"GET /health HTTP/1.1\r\n" + b"X-Many: x\r\n" * 10_000 + HOST + b"\r\n", 431),
        (b"GET /health HTTP/1.1\r\n" + b"X-Many: x\r\n" * 200 + HOST + b"\r\n", 431),
    ],
    ids=["URL", "URL without end", "header", "ten thousand headers", "200 headers"],
)
def test_a_huge_head_is_refused(target: httpx2.Client, sent: bytes, code: int) -> None:
    answer = exchange(target, sent)
    assert statuses(answer) in ([code], [])  # who is hung up on in the middle may not hear why
    assert len(answer) < 1000


@pytest.mark.parametrize(
    "path",
    ["/api/isbn?isbn={}", "/api/works/{}", "/api/search?title={}", "/{}", "/covers/{}/large", "/api/resolve/{}/1",
     "/api/isbn?isbn=9780140328721&{}=1"],
)  # fmt: skip
def test_what_is_long_is_not_repeated_at_length(target: httpx2.Client, path: str) -> None:
    answer = target.get(path.format("9" * 30_000))
    assert answer.status_code < 500
    assert len(answer.content) < 2_000


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_a_huge_body_is_refused_unread(target: httpx2.Client, chunked: bool) -> None:
    head = b"POST /api/isbn/batch HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST
    if chunked:
        answer = exchange(
            target, head + b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 40
        )
    else:
        answer = exchange(target, head + b"Content-Length: 99999999999\r\n\r\n" + b" " * 100_000)
    assert statuses(answer) in ([413], [])


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity, gzip", "gzip, gzip", "x"])
def test_a_packed_body_is_refused_not_unpacked(target: httpx2.Client, coding: str) -> None:
    bomb = gzip.compress(gzip.compress(b" " * 50_000_000)) if coding != "deflate" else zlib.compress(b" " * 50_000_000)
    headers = {"Content-Type": "application/json", "Content-Encoding": coding, "X-API-Key": KEY}
    for path in ("/api/isbn/batch", "/api/enrich/edition", "/api/covers/process"):
        answer = target.post(path, content=bomb, headers=headers)
        assert answer.status_code == 415
        assert "Content-Encoding" in answer.json()["detail"]


# --- ambiguous ------------------------------------------------------------------------------------------------

INNER = b"GET /api/stats HTTP/1.1\r\n" + HOST + b"\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: 5 5\r\n",
        b"Content-Length : 5\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n",
        b" X-Folded: y\r\n",
        b"X-Null: a\0b\r\n",
        b"X-Return: a\rb\r\n",
        b"X Y: z\r\n",
        b": nameless\r\n",
    ],
)
def test_a_head_that_two_may_read_differently_is_refused(target: httpx2.Client, headers: bytes) -> None:
    """What follows is never taken for a request of its own: nothing can be hidden behind a body's end."""
    answer = exchange(target, b"POST /api/isbn/batch HTTP/1.1\r\n" + HOST + headers + b"\r\n" + INNER)
    assert statuses(answer) == [400]


def test_with_a_length_and_chunks_nothing_is_hidden(target: httpx2.Client) -> None:
    """The chunks count, as the standard says, and the connection is not used again."""
    head = b"POST /api/isbn/batch HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST
    both = head + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n" % (len(INNER) + 5)
    answer = exchange(target, both + b"0\r\n\r\n" + INNER)
    assert statuses(answer) == [400]


def test_with_chunks_in_http_1_0_nothing_is_hidden(target: httpx2.Client) -> None:
    head = b"POST /api/isbn/batch HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"
    assert len(statuses(exchange(target, head + b"\r\n0\r\n\r\n" + INNER))) <= 1


@pytest.mark.parametrize("size", [b"zz", b"-1", b"", b"ffffffffffffffffff", b"1;" + b"x" * 100_000, b"0x1"])
def test_chunks_of_no_size_are_refused(target: httpx2.Client, size: bytes) -> None:
    head = b"POST /api/isbn/batch HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n" + HOST
    answer = exchange(target, head + b"\r\n" + size + b"\r\n{}\r\n0\r\n\r\n" + INNER)
    assert statuses(answer) == [400]


# --- lines within lines -----------------------------------------------------------------------------------------

BREAK = "%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a<script>"


@pytest.mark.parametrize(
    "path",
    ["/api/isbn?isbn=" + BREAK, "/api/works/" + BREAK, "/api/search?title=" + BREAK, "/api/enrich/status/" + BREAK,
     "/covers/9780140328721/" + BREAK, "/" + BREAK, "/covers/image/" + BREAK + "/large", "/%00", "/%ff%fe",
     "/api/works/%ff", "/api/search?title=%00", "/api/isbn?isbn=%ff", "/api/autocomplete?q=%ed%a0%80"],
)  # fmt: skip
@pytest.mark.parametrize("origin", ["*", "https://x.example\u2028"])
def test_a_line_break_reaches_no_header(target: httpx2.Client, path: str, origin: str) -> None:
    headers = {b"X-Request-Id": f"a {BREAK}".encode(), b"Origin": origin.encode(), b"If-None-Match": b'"\xff"'}
    answer = target.get(path, headers=headers)
    assert answer.status_code < 500
    assert "set-cookie" not in answer.headers
    assert not [value for value in answer.headers.values() if "script" in value]


def test_where_an_answer_leads_is_made_of_nothing_a_caller_wrote(target: httpx2.Client) -> None:
    """The status of a job is at its own id, whatever the key that was asked for looked like."""
    body = {"entity_type": "author", "entity_key": "OL34184A\r\nSet-Cookie: a=b"}
    assert target.post("/api/enrich/queue", json=body, headers={"X-API-Key": KEY}).status_code == 400
    body["entity_key"] = " OL34184A "
    answer = target.post("/api/enrich/queue", json=body, headers={"X-API-Key": KEY})
    if answer.status_code in (200, 201):
        assert answer.headers["location"] == f"/api/enrich/status/{answer.json()['id']}"
