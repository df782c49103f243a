"""Nobody leads the guard to a private address: not by how it is written, not by names, not by redirects."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, ip_address
from types import SimpleNamespace

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.errors import Malformed, Throttled, Unauthorized
from alexandria.net import ssrf
from alexandria.net.addresses import UrlRefused, is_public, read_target
from alexandria.net.pinned import Resolve, look_up
from alexandria.net.retry import ContactMissing
from alexandria.net.ssrf import ELSEWHERE, Fetched, Guard, Places
from alexandria.net.verdict import Faltered, TooSlow
from tests.net.ledger import Ledger
from tests.net.server import Answer, Asked, Server, serving

pytestmark = pytest.mark.anyio
PICTURE = Answer(b"\xff\xd8\xffpicture", content_type="image/jpeg")
MakeGuard = Callable[..., Guard]


@pytest.fixture
async def make_guard(ledger: Ledger) -> AsyncIterator[MakeGuard]:
    """A function that makes a guard with a contact; all of them are closed at the end."""
    made: list[Guard] = []

    def make(places: Places = Places(), **more: object) -> Guard:  # noqa: B008
        made.append(Guard(ledger, ledger, "me@example.org", places, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for guard in made:
        await guard.close()


def naming(*servers: Server) -> Places:
    """Places in which the operator named these servers."""
    return Places(named=frozenset(server.host for server in servers))


def answering(*addresses: str) -> Resolve:
    """A resolver that knows these addresses for every name."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


async def refused(guard: Guard, url: str, expected: Sequence[str] | None = None) -> str:
    """The word for which a URL is refused."""
    with pytest.raises(UrlRefused) as caught:
        await guard.get(url, "covers", expected=expected)
    assert str(caught.value)
    return caught.value.reason


# --- how an address is written -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1/x.jpg", "private"),
        ("http://127.1/", "host"),
        ("http://2130706433/", "host"),
        ("http://0x7f000001/", "host"),
        ("http://0x7f.0.0.1/", "host"),
        ("http://0177.0.0.1/", "host"),
        ("http://017700000001/", "host"),
        ("http://127.0.0.1./", "private"),
        ("http://127.0.0.01/", "host"),
        ("http://0/", "host"),
        ("http://0.0.0.0/", "private"),
        ("http://[::]/", "private"),
        ("http://[::1]/", "private"),
        ("http://[0:0:0:0:0:0:0:1]/", "private"),
        ("http://[::ffff:127.0.0.1]/", "private"),
        ("http://[::ffff:7f00:1]/", "private"),
        ("http://[::127.0.0.1]/", "private"),
        ("http://[64:ff9b::7f00:1]/", "private"),
        ("http://[64:ff9b::10.0.0.1]/", "private"),
        ("http://[2002:7f00:1::]/", "private"),
        ("http://[2001:0:7f00:1::]/", "private"),
        ("http://[fe80::1]/", "private"),
        ("http://[fd00::1]/", "private"),
        ("http://[ff02::1]/", "private"),
        ("http://10.1.2.3/", "private"),
        ("http://172.16.0.1/", "private"),
        ("http://172.31.255.255/", "private"),
        ("http://192.168.0.1/", "private"),
        ("http://100.64.0.1/", "private"),
        ("http://169.254.169.254/latest/meta-data/", "private"),
        ("http://[fd00:ec2::254]/latest/meta-data/", "private"),
        ("http://224.0.0.1/", "private"),
        ("http://255.255.255.255/", "private"),
        ("http://192.0.2.1/", "private"),
        ("http://198.18.0.1/", "private"),
        ("http://localhost/", "private"),
        ("http://LOCALHOST./", "private"),
        ("http://me:secret@93.184.216.34/", "credentials"),
        ("http://me@93.184.216.34/", "credentials"),
        ("http://@93.184.216.34/", "credentials"),
        ("http://93.184.216.34@127.0.0.1/", "credentials"),
        ("http://127.0.0.1#@93.184.216.34/", "private"),
        ("http://127.0.0.1?@93.184.216.34/", "private"),
        ("ftp://93.184.216.34/x.jpg", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://93.184.216.34:70/_x", "scheme"),
        ("data:image/png;base64,AAAA", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("//93.184.216.34/x.jpg", "scheme"),
        ("93.184.216.34/x.jpg", "scheme"),
        ("", "address"),
        ("http://", "host"),
        ("http:///x.jpg", "host"),
        ("http://ex ample.org/", "address"),
        ("http://example.org\\@127.0.0.1/", "address"),
        ("http://example.org/\r\nHost: 127.0.0.1", "address"),
        ("http://example.org/\u2028x", "address"),
        ("http://example.org:99999/", "port"),
        ("http://example.org:/" + "x" * 3000, "address"),
        ("http://93.184.216.34:22/", "port"),
        ("http://93.184.216.34:6379/", "port"),
        ("http://a..b/", "host"),
        ("http://-/", "host"),
        ("http://[::1%25lo]/", "host"),
        ("http://%31%32%37.0.0.1/", "host"),
    ],
)
async def test_odd_addresses_are_refused(make_guard: MakeGuard, ledger: Ledger, url: str, reason: str) -> None:
    assert await refused(make_guard(), url) == reason
    assert all(outcome is not None and not outcome.sent for outcome in ledger.outcomes), "something left"


@pytest.mark.parametrize(
    "url", ["http://１２７.0.0.1/", "http://127。0。0。1/", "http://ⓛocalhost/", "http://ⅼocalhost/"]
)
async def test_unicode_does_not_hide_a_host(make_guard: MakeGuard, url: str) -> None:
    assert await refused(make_guard(), url) in ("private", "host", "address")


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_private_however_it_is_embedded(number: int) -> None:
    plain = IPv4Address(number)
    assert is_public(ip_address(f"::ffff:{plain}")) == is_public(plain)
    assert is_public(ip_address((0x64FF9B << 96 | number).to_bytes(16, "big"))) == is_public(plain)
    assert not is_public(ip_address(number.to_bytes(16, "big"))), "::a.b.c.d is no address of anybody's"
    assert is_public(plain) <= plain.is_global, "less is public here than Python thinks"


@pytest.mark.parametrize(
    "text", ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::8a", "64:ff9b::808:808"]
)
def test_addresses_of_others_are_public(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.text(max_size=60))
def test_reading_an_address_never_fails_otherwise(text: str) -> None:
    for url in (text, f"http://{text}", f"http://example.org{text}"):
        try:
            target = read_target(url)
        except UrlRefused:
            continue
        assert target.scheme in ("http", "https")
        assert target.host.isascii()


def test_case_fragment_and_port_are_normalised() -> None:
    target = read_target(" HTTPS://Example.ORG/a?b=c#d ")
    assert (target.scheme, target.host, target.port, target.url) == (
        "https", "example.org", 443, "https://example.org/a?b=c",
    )  # fmt: skip


# --- what a name leads to ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("10.0.0.1",), ("93.184.216.34", "192.168.1.1"), ("::1",)])
async def test_a_name_with_a_private_address_is_refused(make_guard: MakeGuard, addresses: Sequence[str]) -> None:
    assert await refused(make_guard(resolve=answering(*addresses)), "http://pictures.example.org/") == "private"


class Recorder(httpx2.AsyncBaseTransport):
    """Takes the place of the wire, and remembers what was to be sent over it."""

    def __init__(self) -> None:
        self.sent: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        return httpx2.Response(200, stream=httpx2.ByteStream(PICTURE.body))


async def test_a_name_that_changes_gains_nothing(make_guard: MakeGuard) -> None:
    """DNS rebinding: a public address is seen, then a private one. The one that was seen is the one that is asked."""
    seen = ["93.184.216.34", "127.0.0.1"]

    async def resolve(host: str, port: int) -> Sequence[str]:
        return [seen.pop(0)]

    guard, recorder = make_guard(resolve=resolve), Recorder()
    guard._transport._inner = recorder  # type: ignore[assignment]
    assert await guard.get("https://pictures.example.org/x.jpg", "covers")
    [sent] = recorder.sent
    assert seen == ["127.0.0.1"], "looked up once for one connection"
    assert str(sent.url) == "https://93.184.216.34/x.jpg"
    assert sent.headers["host"] == "pictures.example.org"
    assert sent.extensions["sni_hostname"] == "pictures.example.org", "the certificate must be that of the name"
    assert await refused(guard, "https://pictures.example.org/x.jpg") == "private"
    assert len(recorder.sent) == 1


async def test_a_named_host_is_asked_under_its_name(make_guard: MakeGuard, server: Server) -> None:
    port = server.host.partition(":")[2]
    server.script = [PICTURE]
    places = Places(named=frozenset({f"pictures.lan:{port}"}))
    guard = make_guard(places, resolve=answering("127.0.0.1"))
    found = await guard.get(f"http://pictures.lan:{port}/x.jpg?a=b", "covers")
    assert found == Fetched(f"http://pictures.lan:{port}/x.jpg?a=b", PICTURE.body, "image/jpeg")
    assert server.asked[0].headers["host"] == f"pictures.lan:{port}"
    assert server.asked[0].target == "/x.jpg?a=b"


async def test_the_second_address_is_tried_when_the_first_does_not_answer(
    make_guard: MakeGuard, server: Server, ledger: Ledger
) -> None:
    port = server.host.partition(":")[2]
    server.script = [PICTURE]
    places = Places(named=frozenset({f"pictures.lan:{port}"}))
    guard = make_guard(places, resolve=answering("127.0.0.2", "127.0.0.1"))  # the server listens on the last one only
    assert await guard.get(f"http://pictures.lan:{port}/", "covers")
    assert len(ledger.calls) == 1


async def test_only_exactly_named_hosts_may_be_private(make_guard: MakeGuard, server: Server) -> None:
    server.script = [PICTURE]
    async with serving() as other:
        guard = make_guard(naming(server))
        assert await guard.get(f"{server.url}/x.jpg", "covers")
        assert await refused(guard, f"{other.url}/x.jpg") == "port"
        assert await refused(guard, "http://127.0.0.1/x.jpg") == "private"
        assert await refused(guard, server.url.replace("127.0.0.1", "127.0.0.2")) == "port"
        assert other.asked == []


def test_a_host_without_a_port_is_named_with_the_usual_ones() -> None:
    places = Places(named=frozenset({"media.lan", "other.lan:8080"}))
    assert places.is_named("media.lan", 80)
    assert places.is_named("media.lan", 443)
    assert not places.is_named("media.lan", 8080)
    assert places.is_named("other.lan", 8080)
    assert not places.is_named("other.lan", 80)
    assert not places.is_named("x.media.lan", 80)


async def test_a_name_that_nobody_knows_may_be_known_later(make_guard: MakeGuard) -> None:
    async def fail(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    with pytest.raises(Faltered, match="cannot be looked up"):
        await make_guard(resolve=fail).get("http://nowhere.example.org/", "covers")


async def test_the_real_resolver_gives_addresses() -> None:
    assert "127.0.0.1" in await look_up("localhost", 80)


async def test_proxies_of_the_environment_are_not_asked(
    make_guard: MakeGuard, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        server.script = [PICTURE]
        assert await make_guard(naming(server)).get(server.url, "covers")
        assert proxy.asked == []


async def test_an_unexpected_host_is_refused(make_guard: MakeGuard) -> None:
    guard = make_guard(resolve=answering("93.184.216.34"))
    assert await refused(guard, "http://evil.example.org/", [".archive.org"]) == "unexpected"
    assert await refused(guard, "http://notarchive.org/", [".archive.org"]) == "unexpected"
    for url in ("https://archive.org/x", "https://ia800.us.archive.org/x"):
        assert guard.check(url, [".archive.org"]).scheme == "https"
    assert guard.check("https://books.google.com/x", ["books.google.com"]).host == "books.google.com"
    with pytest.raises(UrlRefused):
        guard.check("https://x.books.google.com/x", ["books.google.com"])


# --- redirects ---------------------------------------------------------------------------------------------------


def redirecting(to: str, status: int = 302) -> Answer:
    return Answer(b"", status, {"Location": to})


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("http://127.0.0.1/", "private"),
        ("http://169.254.169.254/latest/meta-data/", "private"),
        ("http://[::1]/", "private"),
        ("http://10.0.0.1/", "private"),
        ("http://localhost/", "private"),
        ("http://2130706433/", "host"),
        ("http://me:secret@example.org/", "credentials"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://example.org/", "scheme"),
        ("http://93.184.216.34:22/", "port"),
        ("http://[broken", "host"),
        ("http://a\\b/", "address"),
    ],
)
async def test_a_redirect_never_leads_to_a_private_place(
    make_guard: MakeGuard, server: Server, to: str, reason: str
) -> None:
    server.script = [redirecting(to)]
    assert await refused(make_guard(naming(server)), f"{server.url}/x.jpg") == reason
    assert len(server.asked) == 1


async def test_a_redirect_to_another_private_host_is_refused_even_if_it_is_named(
    make_guard: MakeGuard, server: Server
) -> None:
    async with serving() as other:
        server.script = [redirecting(f"{other.url}/secret")]
        assert await refused(make_guard(naming(server, other)), f"{server.url}/x.jpg") == "private"
        assert other.asked == []


async def test_a_redirect_within_one_named_host_is_followed(
    make_guard: MakeGuard, server: Server, ledger: Ledger
) -> None:
    server.script = lambda asked: PICTURE if asked.path == "/new/x.jpg" else redirecting("/new/x.jpg", 301)
    found = await make_guard(naming(server)).get(f"{server.url}/x.jpg", "covers")
    assert found
    assert found.url == f"{server.url}/new/x.jpg"
    assert len(ledger.calls) == 2, "each request needs a permit"


async def test_providers_may_redirect_to_each_other_where_the_operator_moved_them(
    make_guard: MakeGuard, server: Server, ledger: Ledger
) -> None:
    async with serving() as archive:
        server.script, archive.script = [redirecting(f"{archive.url}/x.jpg")], [PICTURE]
        both = frozenset({server.host, archive.host})
        buckets = {server.host: "open-library-covers", archive.host: "internet-archive"}
        guard = make_guard(Places(both, both, buckets))
        assert await guard.get(f"{server.url}/b/id/1-L.jpg", "covers", expected=[".openlibrary.org"])
        assert [call.bucket for call in ledger.calls] == ["open-library-covers", "internet-archive"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_loop_of_redirects_ends(make_guard: MakeGuard, server: Server, status: int) -> None:
    server.script = [redirecting("/again", status)]
    assert await refused(make_guard(naming(server)), server.url) == "redirect"
    assert len(server.asked) == 6


async def test_a_redirect_to_an_unexpected_host_is_refused(make_guard: MakeGuard, server: Server) -> None:
    server.script = [redirecting("https://evil.example.org/")]
    guard = make_guard(naming(server), resolve=answering("93.184.216.34"))
    assert await refused(guard, server.url, [".archive.org"]) == "unexpected"


async def test_a_safe_place_does_not_lead_to_an_unsafe_one(make_guard: MakeGuard) -> None:
    guard = make_guard(resolve=answering("93.184.216.34"))
    here = guard.check("https://a.example.org/x")
    there = await guard._redirected(here, "http://b.example.org/y", None)
    assert there.url == "https://b.example.org/y"


# --- what comes back ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410, 204])
async def test_what_is_not_there_is_none(make_guard: MakeGuard, server: Server, status: int) -> None:
    server.script = [Answer(b"", status)]
    assert await make_guard(naming(server)).get(server.url, "covers") is None


async def test_failures_are_failures(make_guard: MakeGuard, server: Server) -> None:
    guard = make_guard(naming(server))
    for answer, error in (
        (Answer(b"", 500), Faltered),
        (Answer(b"", 429, {"Retry-After": "7"}), Throttled),
        (Answer(b"", 403), Unauthorized),
        (Answer(b"", 418), Malformed),
        (Answer(b"x", 206), Malformed),
        (Answer(fault="reset"), Faltered),
        (Answer(b"xxxx", fault="cut"), Malformed),
        (Answer(fault="no HTTP"), Faltered),
    ):
        server.script = [answer]
        with pytest.raises(error):
            await guard.get(server.url, "covers")


@pytest.mark.parametrize("told", [True, False])
async def test_a_large_body_is_not_read_to_its_end(make_guard: MakeGuard, server: Server, told: bool) -> None:
    headers = {} if told else {"Content-Length": "", "Connection": "close"}
    server.script = [Answer(b"x" * 2_000_001, 200, headers)]
    with pytest.raises(Malformed, match="more than 2,000,000 bytes"):
        async with asyncio.timeout(10):
            await make_guard(naming(server), limit=2_000_000).get(server.url, "covers")


async def test_a_body_of_the_limit_is_read(make_guard: MakeGuard, server: Server) -> None:
    server.script = [Answer(b"x" * 2_000_000)]
    found = await make_guard(naming(server), limit=2_000_000).get(server.url, "covers")
    assert found
    assert len(found.body) == 2_000_000


async def test_a_packed_bomb_is_not_unpacked(make_guard: MakeGuard, server: Server) -> None:
    import gzip

    server.script = [Answer(gzip.compress(b"0" * 5_000_000), 200, {"Content-Encoding": "gzip"})]
    with pytest.raises(Malformed, match="more than 1,000 bytes"):
        await make_guard(naming(server), limit=1_000).get(server.url, "covers")


async def test_a_drip_ends_in_time(make_guard: MakeGuard, server: Server) -> None:
    server.script = [Answer(b"x" * 1000, fault="drip")]
    with pytest.raises(TooSlow):
        async with asyncio.timeout(10):
            await make_guard(naming(server), seconds=0.2).get(server.url, "covers")


async def test_redirects_share_the_time_of_one_fetch(make_guard: MakeGuard, server: Server) -> None:
    waits: list[float] = []

    def script(asked: Asked) -> Answer:
        waits.append(0)
        return Answer(b"x" * 12, 302, {"Location": "/next"}, fault="drip")  # 0.24 seconds each

    server.script = script
    with pytest.raises(Faltered):  # TooSlow, unless a slow machine leaves a moment that is too short to connect in
        async with asyncio.timeout(10):
            await make_guard(naming(server), seconds=0.6).get(server.url, "covers")
    assert len(waits) <= 4


async def test_nothing_is_asked_when_redirects_have_used_up_the_time(
    make_guard: MakeGuard, server: Server, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = [Answer(b"", 302, {"Location": "/next"}), PICTURE]
    hours = SimpleNamespace(monotonic=itertools.count(step=3600.0).__next__)  # between two looks at the clock
    monkeypatch.setattr(ssrf, "time", hours)
    with pytest.raises(TooSlow, match="what led there"):
        await make_guard(naming(server)).get(server.url, "covers")
    assert len(server.asked) == len(ledger.calls) == 1


# --- accounts ----------------------------------------------------------------------------------------------------


async def test_whose_host_it_is_decides_whose_account(make_guard: MakeGuard, server: Server, ledger: Ledger) -> None:
    places = Places(buckets={"covers.openlibrary.org": "ol-covers", ".openlibrary.org": "ol", ".org": "all"})
    for host, bucket in (
        ("covers.openlibrary.org", "ol-covers"), ("www.openlibrary.org", "ol"), ("openlibrary.org", "ol"),
        ("notopenlibrary.org", "all"), ("example.net", ELSEWHERE),
    ):  # fmt: skip
        assert places.bucket(read_target(f"https://{host}/x")) == bucket
    server.script = [PICTURE]
    await make_guard(naming(server)).get(server.url, "interactive")
    [call] = ledger.calls
    assert (call.bucket, call.lane, call.units) == (ELSEWHERE, "interactive", 1)


async def test_strangers_have_no_breaker_in_common(make_guard: MakeGuard, server: Server, ledger: Ledger) -> None:
    guard = make_guard(naming(server))
    server.script = [Answer(b"", 500)]
    with pytest.raises(Faltered):
        await guard.get(server.url, "covers")
    assert ledger.reports == []
    known = make_guard(Places(frozenset({server.host}), buckets={server.host: "internet-archive"}))
    with pytest.raises(Faltered):
        await known.get(server.url, "covers")
    assert [bucket for bucket, _ in ledger.reports] == ["internet-archive"]


async def test_without_a_permit_nothing_leaves(make_guard: MakeGuard, server: Server, ledger: Ledger) -> None:
    ledger.refusal = Throttled("elsewhere", "not now")
    with pytest.raises(Throttled):
        await make_guard(naming(server)).get(server.url, "covers")
    assert server.asked == []


async def test_without_a_contact_others_are_not_asked(ledger: Ledger, server: Server) -> None:
    async with made(ledger) as guard:
        with pytest.raises(ContactMissing):
            await guard.get("http://pictures.example.org/", "covers")


@asynccontextmanager
async def made(ledger: Ledger) -> AsyncIterator[Guard]:
    guard = Guard(ledger, ledger, None, Places(), resolve=answering("93.184.216.34"))
    try:
        yield guard
    finally:
        await guard.close()


async def test_who_asks_is_told_and_nothing_else(make_guard: MakeGuard, server: Server) -> None:
    server.script = [Answer(PICTURE.body, 200, {"Set-Cookie": "a=b"})]
    guard = make_guard(naming(server))
    for _ in range(2):
        await guard.get(f"{server.url}/x.jpg", "covers")
    headers = server.asked[1].headers
    assert "me@example.org" in headers["user-agent"]
    assert not {"cookie", "authorization", "referer"} & headers.keys()
    assert headers["accept"] == "image/*"
