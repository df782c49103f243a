"""The stack: what is refused spends nothing, what is sent is counted, what fails has a type and tells no secret."""

import asyncio
import gzip
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from alexandria import __version__
from alexandria.errors import (
    CutShort,
    DatabaseUnavailable,
    Malformed,
    ProviderFailed,
    QuotaExhausted,
    Throttled,
    Unauthorized,
    Unavailable,
)
from alexandria.net.client import Client
from alexandria.net.gate import Call, Outcome
from alexandria.net.messages import Note, Reply, Request, decode
from alexandria.net.retry import ContactMissing
from alexandria.net.verdict import Faltered, TooSlow
from tests.net.ledger import Ledger
from tests.net.server import Answer, Server, json_answer, refusing, unreachable

pytestmark = pytest.mark.anyio
CALL = Call("bucket", "enrichment", "book", units=3)
SECRET = "hunter2secret"
SHORT = 0.3  # seconds, for what is about time
TIMEOUT = 20.0  # for everything else: a busy machine is no failure


def to(server: Server, path: str = "/", **fields: Any) -> Request:
    return Request(**{"url": server.url + path, "timeout": TIMEOUT, **fields})


def time_for(answer: Answer) -> float:
    return SHORT if answer.fault in ("silent", "drip") else TIMEOUT


async def test_an_answer_and_what_the_ledger_hears(client: Client, server: Server, ledger: Ledger) -> None:
    server.script = [json_answer({"a": 1}, ratelimit='"rate";r=2;t=0, "daily";r=41;t=9')]
    reply = await client.send(to(server, params={"q": "x y"}), CALL)
    assert (reply.status, reply.body, reply.bucket) == (200, b'{"a":1}', "bucket")
    assert decode(reply, dict[str, int]) == {"a": 1}
    assert datetime.now(UTC) - reply.received_at < timedelta(minutes=1)
    assert ledger.calls == [CALL]
    outcome = ledger.outcome
    assert (outcome.sent, outcome.status, outcome.error, outcome.bytes) == (True, 200, None, 7)
    assert (outcome.remaining, outcome.wait_until) == (41, None)
    assert outcome.headers == {"ratelimit": '"rate";r=2;t=0, "daily";r=41;t=9'}
    assert outcome.ms > 0
    assert ledger.reports == [("bucket", outcome)]


async def test_who_we_are_is_said_on_every_request(ledger: Ledger, server: Server) -> None:
    async with Client(ledger, ledger, "me@example.org") as client:
        await client.send(to(server), CALL)
    (asked,) = server.asked
    assert asked.headers["user-agent"] == f"Alexandria/{__version__} (+me@example.org) httpx2/{httpx2.__version__}"
    assert asked.headers["accept-encoding"] == "gzip"
    assert asked.headers["accept"] == "application/json"


async def test_a_slot_that_is_over_when_the_connection_stands_is_given_back(
    client: Client, server: Server, ledger: Ledger
) -> None:
    ledger.late = 2
    await client.send(to(server), CALL)
    assert [(outcome.sent, outcome.error) for outcome in ledger.outcomes if outcome] == [
        (False, "late"), (False, "late"), (True, None)]  # fmt: skip
    assert len(server.asked) == 1
    assert len(ledger.reports) == 1


async def test_nothing_leaves_when_there_is_no_other_slot(client: Client, server: Server, ledger: Ledger) -> None:
    ledger.late, ledger.refuses_after = 1, 1
    ledger.refusal = Throttled("bucket", "the pace")
    with pytest.raises(Throttled):
        await client.send(to(server), CALL)
    assert (ledger.words, server.asked) == (["late"], [])
    assert [outcome.sent for _, outcome in ledger.reports] == [False]


async def test_no_request_without_a_call(client: Client, server: Server, ledger: Ledger) -> None:
    with pytest.raises(TypeError, match="without a Call"):
        await client.send(to(server), None)  # type: ignore[arg-type]
    assert (server.asked, ledger.calls) == ([], [])


async def test_no_outside_request_without_a_contact(client: Client, ledger: Ledger) -> None:
    with pytest.raises(ContactMissing, match="ALEXANDRIA_CONTACT"):
        await client.send(Request(url="https://example.org/"), CALL)
    assert ledger.calls == []


async def test_what_is_no_address_spends_nothing(client: Client, ledger: Ledger) -> None:
    with pytest.raises(Unavailable, match="no address"):
        await client.send(Request(url="http://[::1/"), CALL)
    assert ledger.calls == []


async def test_an_open_breaker_spends_nothing(client: Client, server: Server, ledger: Ledger) -> None:
    ledger.breaker = Unavailable("bucket", "its breaker is open")
    with pytest.raises(Unavailable, match="breaker is open"):
        await client.send(to(server), CALL)
    assert (server.asked, ledger.patience, ledger.reports) == ([], [], [])


@pytest.mark.parametrize(
    "refusal",
    [Throttled("bucket", "too fast"), QuotaExhausted("bucket", "used up", datetime.now(UTC) + timedelta(hours=1))],
)
async def test_without_a_permit_nothing_is_sent(
    client: Client, server: Server, ledger: Ledger, refusal: ProviderFailed
) -> None:
    ledger.refusal = refusal
    with pytest.raises(type(refusal)) as caught:
        await client.send(to(server), CALL, patience=1.5)
    assert caught.value is refusal
    assert server.asked == []
    assert ledger.patience == [1.5]
    assert ledger.reports == [("bucket", Outcome(sent=False))]  # the breaker may have let it through as its probe


# --- retries --------------------------------------------------------------------------------------------------


async def test_a_retry_passes_the_gate_again(client: Client, server: Server, ledger: Ledger) -> None:
    server.script = [Answer(status=503), Answer(fault="reset"), json_answer([1])]
    assert (await client.send(to(server), CALL)).body == b"[1]"
    assert ledger.calls == [CALL] * 3
    assert ledger.words == ["unavailable", "unavailable", None]
    assert [outcome.status for outcome in ledger.outcomes if outcome] == [503, None, 200]


async def test_retries_end(client: Client, server: Server, ledger: Ledger) -> None:
    server.script = [Answer(status=500)]
    with pytest.raises(Unavailable, match="500"):
        await client.send(to(server), CALL)
    assert len(ledger.calls) == 3
    with pytest.raises(Unavailable):
        await client.send(to(server, attempts=1), CALL)
    assert len(ledger.calls) == 4


async def test_no_retry_once_the_breaker_opens(client: Client, server: Server, ledger: Ledger) -> None:
    def fail(asked: object) -> Answer:
        ledger.breaker = Unavailable("bucket", "its breaker is open")
        return Answer(status=500)

    server.script = fail
    with pytest.raises(Unavailable, match="breaker is open"):
        await client.send(to(server), CALL)
    assert len(server.asked) == 1


async def test_a_retry_that_the_day_does_not_allow(client: Client, server: Server, ledger: Ledger) -> None:
    def fail(asked: object) -> Answer:
        ledger.refusal = QuotaExhausted("bucket", "used up", datetime.now(UTC))
        return Answer(status=500)

    server.script = fail
    with pytest.raises(QuotaExhausted):
        await client.send(to(server), CALL)
    assert ledger.words == ["unavailable"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=401), Unauthorized),
        (Answer(status=403), Unauthorized),
        (Answer(status=429), Throttled),
        (Answer(status=400), Malformed),
        (Answer(status=418), Malformed),
        (Answer(fault="cut", body=b"[1, 2, 3]"), Malformed),
    ],
)
async def test_no_retry_where_it_would_not_help(
    client: Client, server: Server, ledger: Ledger, answer: Answer, error: type[Exception]
) -> None:
    server.script = [answer]
    with pytest.raises(error):
        await client.send(to(server), CALL)
    assert len(server.asked) == 1


async def test_no_retry_beyond_patience(client: Client, server: Server, ledger: Ledger) -> None:
    server.script = [Answer(status=503, headers={"Retry-After": "300"})]
    with pytest.raises(Unavailable) as caught:
        await client.send(to(server), CALL, patience=20)
    assert len(server.asked) == 1
    assert caught.value.retry_at is not None
    assert caught.value.retry_at - datetime.now(UTC) > timedelta(seconds=250)
    assert ledger.outcome.wait_until == caught.value.retry_at


async def test_all_attempts_end_in_time(client: Client, server: Server, ledger: Ledger) -> None:
    server.script = [Answer(fault="silent")]
    with pytest.raises(TooSlow):
        await client.send(to(server, timeout=SHORT), CALL, patience=0.0)
    assert len(server.asked) == 1  # a second one would have had no time
    server.script = [Answer(status=500)]
    with pytest.raises(Faltered):
        await client.send(to(server, timeout=TIMEOUT), CALL, patience=0.0)
    assert len(server.asked) == 4  # quick failures leave the time to try again
    assert set(ledger.patience) == {0.0}


# --- what goes wrong ------------------------------------------------------------------------------------------

BODY = b'{"title": "Fantastic Mr. Fox"}'
WRONG: list[tuple[Answer, type[ProviderFailed], int | None]] = [
    (Answer(fault="silent"), TooSlow, None),
    (Answer(fault="reset"), Faltered, None),
    (Answer(fault="hang up"), Faltered, None),
    (Answer(fault="no HTTP"), Faltered, None),
    (Answer(BODY, fault="drip"), TooSlow, 200),
    (Answer(BODY, fault="cut"), CutShort, 200),
    (Answer(BODY, fault="reset in the body"), Faltered, 200),
    (Answer(gzip.compress(BODY)[:-4], headers={"Content-Encoding": "gzip"}), Malformed, 200),
    (Answer(BODY, headers={"Content-Encoding": "gzip"}), Malformed, 200),
    (Answer(BODY, headers={"Content-Encoding": "br"}), Malformed, 200),
    (Answer(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"}), Malformed, 200),
    (Answer(bytes(200_000)), Malformed, 200),
    (Answer(headers={"Content-Length": "nine"}), Faltered, None),
    (Answer(status=429), Throttled, 429),
    (Answer(status=403), Unauthorized, 403),
    (Answer(status=502, body=b"<html>"), Faltered, 502),
]


@pytest.mark.parametrize(("answer", "error", "status"), WRONG)
async def test_what_goes_wrong_has_a_type_and_is_settled(
    client: Client, server: Server, ledger: Ledger, answer: Answer, error: type[ProviderFailed], status: int | None
) -> None:
    server.script = [answer]
    with pytest.raises(ProviderFailed) as caught:
        await client.send(to(server, attempts=1, limit=100_000, timeout=time_for(answer)), CALL)
    assert type(caught.value) is error
    assert caught.value.bucket == "bucket"
    assert (ledger.outcome.sent, ledger.outcome.status) == (True, status)
    assert ledger.outcome.error in ("unavailable", "malformed", "throttled", "unauthorized")


async def test_what_certainly_never_left_is_not_charged(client: Client, ledger: Ledger) -> None:
    with pytest.raises(Faltered, match="cannot be reached"):
        await client.send(Request(url=refusing(), attempts=1), CALL)
    assert (ledger.outcome.sent, ledger.outcome.error) == (False, "unavailable")


async def test_a_host_that_takes_no_connection(client: Client, ledger: Ledger) -> None:
    async with unreachable() as url:
        with pytest.raises(Faltered, match="cannot be reached in time"):
            await client.send(Request(url=url, timeout=0.1, attempts=1), CALL)
    assert not ledger.outcome.sent


async def test_time_outs_leave_no_connection_behind(client: Client, server: Server) -> None:
    server.script = [*[Answer(fault="silent")] * 40, Answer()]
    request = to(server, timeout=0.05, attempts=1)
    found = await asyncio.gather(*(client.send(request, CALL) for _ in range(40)), return_exceptions=True)
    assert all(isinstance(each, ProviderFailed) for each in found)
    for _ in range(40 - len(server.asked)):
        server.script.pop(0)
    assert (await client.send(to(server), CALL)).status == 200


async def test_a_body_in_parts_is_unpacked(client: Client, server: Server) -> None:
    packed = gzip.compress(BODY) + gzip.compress(b"\n")
    server.script = [Answer(packed, headers={"Content-Encoding": "gzip"})]
    assert (await client.send(to(server), CALL)).body == BODY + b"\n"


async def test_the_answer_survives_a_ledger_that_is_away(client: Client, server: Server, ledger: Ledger) -> None:
    ledger.away = DatabaseUnavailable("gone")
    assert (await client.send(to(server), CALL)).status == 200
    assert len(ledger.reports) == 1


# --- cancelled ------------------------------------------------------------------------------------------------


async def so(ready: Callable[[], bool]) -> None:
    """Nothing, as soon as it is so."""
    async with asyncio.timeout(60):
        while not ready():
            await asyncio.sleep(0.001)


async def cancelled(client: Client, request: Request, ready: Callable[[], bool]) -> asyncio.Task[Reply]:
    """A question that was cancelled as soon as something was so."""
    task = asyncio.create_task(client.send(request, CALL))
    await so(ready)
    task.cancel()
    return task


async def test_cancelled_on_the_wire(client: Client, server: Server, ledger: Ledger) -> None:
    server.script = [Answer(fault="silent")]
    task = await cancelled(client, to(server, timeout=60), lambda: bool(server.asked))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (ledger.outcome.sent, ledger.outcome.error) == (True, "cancelled")


async def test_cancelled_before_the_wire(client: Client, ledger: Ledger) -> None:
    async with unreachable() as url:
        task = await cancelled(client, Request(url=url), lambda: bool(ledger.calls))
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (ledger.outcome.sent, ledger.outcome.error) == (False, "cancelled")


async def test_cancelled_again_while_the_ledger_is_told(client: Client, server: Server, ledger: Ledger) -> None:
    server.script = [Answer(fault="silent")]
    ledger.slowness = 0.1
    task = await cancelled(client, to(server, timeout=60), lambda: bool(server.asked))
    await so(lambda: ledger.settling > 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await client.close()
    assert ledger.outcome.error == "cancelled"
    assert len(ledger.reports) == 1


async def test_a_deadline_of_the_caller(client: Client, server: Server, ledger: Ledger) -> None:
    server.script = [Answer(status=503)]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.send(Request(url=server.url, attempts=10_000), CALL, patience=60)
    await client.close()
    assert None not in ledger.outcomes


# --- what the reader and the judge say -------------------------------------------------------------------------


async def test_what_an_answer_was_worth_is_told(client: Client, server: Server, ledger: Ledger) -> None:
    def read(reply: Reply) -> tuple[str, Note]:
        return "read", Note(charged=2, found=1, remaining=7)

    assert await client.ask(to(server), CALL, read) == "read"
    assert (ledger.outcome.charged, ledger.outcome.found, ledger.outcome.remaining) == (2, 1, 7)


@pytest.mark.parametrize(
    ("error", "word"), [(Malformed("bucket", "odd"), "malformed"), (ZeroDivisionError(), "broken")]
)
async def test_what_the_reader_raises_is_told(
    client: Client, server: Server, ledger: Ledger, error: Exception, word: str
) -> None:
    def read(reply: Reply) -> tuple[str, Note]:
        raise error

    with pytest.raises(type(error)):
        await client.ask(to(server), CALL, read)
    assert ledger.words == [word]


async def test_a_judge_knows_its_provider_better(client: Client, server: Server, ledger: Ledger) -> None:
    resets = datetime.now(UTC) + timedelta(hours=1)

    def judge(reply: Reply) -> ProviderFailed | None:
        return QuotaExhausted(reply.bucket, "used up", resets) if reply.status == 403 else None

    server.script = [Answer(status=403), Answer(status=401), Answer(status=404)]
    with pytest.raises(QuotaExhausted):
        await client.send(to(server, judge=judge), CALL)
    assert (ledger.outcome.error, ledger.outcome.remaining, ledger.outcome.wait_until) == ("quota", 0, resets)
    with pytest.raises(Unauthorized):
        await client.send(to(server, judge=judge), CALL)
    assert (await client.send(to(server, judge=judge), CALL)).status == 404


# --- redirects ------------------------------------------------------------------------------------------------


def moved(to: str, status: int = 302) -> Answer:
    return Answer(b"", status, {"Location": to})


async def test_no_redirect_is_followed_unasked(client: Client, server: Server) -> None:
    server.script = [moved("/there")]
    assert (await client.send(to(server), CALL)).status == 302
    assert len(server.asked) == 1


async def test_each_step_of_a_redirect_has_a_permit(client: Client, server: Server, ledger: Ledger) -> None:
    server.script = [moved("/there?x=1"), moved(server.url + "/over", 301), json_answer([1])]
    reply = await client.send(to(server, params={"q": "1"}, redirects=()), CALL)
    assert (reply.body, reply.url) == (b"[1]", f"{server.url}/over")
    assert [asked.target for asked in server.asked] == ["/?q=1", "/there?x=1", "/over"]
    assert ledger.words == [None] * 3


@pytest.mark.parametrize("target", ["http://127.0.0.2/", "file:///etc/passwd", "http://me@{host}/", "http://[", "//x"])
async def test_no_redirect_to_a_host_that_nobody_named(
    client: Client, server: Server, ledger: Ledger, target: str
) -> None:
    server.script = [moved(target.format(host=server.host))]
    with pytest.raises(Malformed, match="redirects to"):
        await client.send(to(server, redirects=("example.org",)), CALL)
    assert ledger.words == ["malformed"]


async def test_a_secret_does_not_follow_to_another_host(client: Client, server: Server) -> None:
    other = server.url.replace("127.0.0.1", "localhost")
    server.script = [moved("/here"), moved(other), Answer()]
    heads = {"Authorization": SECRET, "X-Key": SECRET, "X-Else": "1"}
    host = other.removeprefix("http://")
    await client.send(to(server, headers=heads, secrets=(SECRET,), redirects=(host,)), CALL)
    assert [asked.headers.get("authorization") for asked in server.asked] == [SECRET, SECRET, None]
    assert [asked.headers.get("x-key") for asked in server.asked] == [SECRET, SECRET, None]
    assert [asked.headers.get("x-else") for asked in server.asked] == ["1"] * 3


async def test_redirects_in_a_circle_end(client: Client, server: Server) -> None:
    server.script = [moved("/")]
    with pytest.raises(Malformed, match="more than 5 times"):
        await client.send(to(server, redirects=()), CALL)
    assert len(server.asked) == 6


async def test_no_cookies_are_kept(client: Client, server: Server) -> None:
    server.script = [Answer(headers={"Set-Cookie": "a=b; Path=/"})]
    await client.send(to(server), CALL)
    await client.send(to(server), CALL)
    assert all("cookie" not in asked.headers for asked in server.asked)


# --- secrets --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        *(answer for answer, _, _ in WRONG),
        json_answer({"message": f"the key {SECRET} is wrong"}, 401),
        json_answer({"error": {"message": f"?key={SECRET}"}}, 400),
        Answer(status=200),
        Answer(status=404),
    ],
)
async def test_no_secret_is_told(
    client: Client, server: Server, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script = [answer]
    request = to(
        server,
        params={"key": SECRET},
        headers={"Authorization": SECRET},
        secrets=(SECRET,),
        limit=100_000,
        attempts=2,
        timeout=time_for(answer),
    )
    said = [repr(request)]
    try:
        said.append(repr(await client.send(request, CALL)))
    except ProviderFailed as error:
        chain: BaseException | None = error
        while chain is not None:
            said.append(f"{chain} {chain!r}")
            chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
    assert server.asked[0].query["key"] == SECRET
    said += [record.getMessage() for record in caplog.records]
    assert SECRET not in " ".join(said)
