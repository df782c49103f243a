"""Logging in and out: whom a cookie makes somebody, for how long, and what a form needs beside it."""

import asyncio
import re

import httpx2
import pytest

from alexandria.dashboard.forms import read_path
from alexandria.dashboard.login import MOST_FAILURES, PAUSE, Failures
from alexandria.dashboard.session import Session, csrf_of, find_session, make_token, open_session
from alexandria.keys.key import INTERNAL, NewKey, digest_of
from alexandria.keys.store import create_key
from tests.conftest import RunSQL
from tests.dashboard.conftest import BOOTSTRAP, World, csrf_in, log_in
from tests.pools import opened

COOKIE = "alexandria-session"
POST = "/dashboard/schedule"


def is_logged_in(client: httpx2.Client) -> bool:
    return "Log out" in client.get("/").text


@pytest.mark.parametrize("whose", ["admin", "bootstrap"])
def test_a_key_opens_a_session(world: World, browser: httpx2.Client, whose: str) -> None:
    key = world.admin if whose == "admin" else f"  {BOOTSTRAP} "
    answer = log_in(browser, key)
    assert answer.status_code == 303
    [cookie] = [text for text in answer.headers.get_list("set-cookie") if text.startswith(COOKIE)]
    assert re.search(r"; ?httponly", cookie, re.IGNORECASE)
    assert re.search(r"; ?samesite=strict", cookie, re.IGNORECASE)
    assert re.search(r"; ?max-age=43200", cookie, re.IGNORECASE)
    assert not re.search(r"; ?secure", cookie, re.IGNORECASE)
    assert key.strip() not in str(answer.headers)
    assert is_logged_in(browser)
    assert browser.get("/login").status_code == 303


@pytest.mark.parametrize("key", ["reader", "alx_aaaaaaaaaa_" + "a" * 40, "", "x" * 5_000, "é\0"])
def test_other_keys_open_nothing(world: World, key: str) -> None:
    with world.browser(**{"X-Forwarded-For": "203.0.113.7"}) as client:
        given = world.reader if key == "reader" else key
        answer = log_in(client, given)
        assert answer.status_code == 403
        assert not given or given not in answer.text
        assert not is_logged_in(client)


def test_over_https_the_cookie_is_for_it_alone(world: World, browser: httpx2.Client) -> None:
    page = browser.get("/login", headers={"X-Forwarded-Proto": "https"})
    form = page.cookies["__Host-alexandria-form"]
    headers = {"X-Forwarded-Proto": "https", "Cookie": f"__Host-alexandria-form={form}"}
    answer = browser.post("/login", data={"csrf": csrf_in(page), "key": world.admin}, headers=headers)
    [cookie] = [text for text in answer.headers.get_list("set-cookie") if "-session" in text]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert re.search(r"; ?secure", cookie, re.IGNORECASE)
    assert "domain=" not in cookie.lower()


def test_a_cookie_that_was_changed_is_nobodys(world: World, operator: httpx2.Client) -> None:
    token = operator.cookies[COOKIE]
    forged = [token[:-1] + ("0" if token[-1] != "0" else "1"), token.upper(), token[:-1], "", "0" * 64, "é" * 32]
    for text in forged:
        cookie = f"{COOKIE}={text}".encode()
        assert "Log out" not in world.client.get("/", headers={b"Cookie": cookie}).text, text
    assert is_logged_in(operator)


def test_a_session_ends_with_its_time_and_with_its_key(world: World, run_sql: RunSQL) -> None:
    key = asyncio.run(_make_key(world.url))
    for ending in (
        "update ops.sessions set expires_at = now() where key_id = '%s'",
        "update keys.api_keys set scope = 'write' where id = '%s'",
        "update keys.api_keys set scope = 'admin', expires_at = now() where id = '%s'",
        "update keys.api_keys set expires_at = null, revoked_at = now() where id = '%s'",
    ):
        with world.browser() as client:
            client.cookies.set(COOKIE, asyncio.run(_open(world.url, key.id, key.digest)))
            assert is_logged_in(client), ending
            run_sql(world.url, ending % key.id)
            assert not is_logged_in(client), ending
            run_sql(world.url, f"update keys.api_keys set scope = 'admin', expires_at = null where id = '{key.id}'")


async def _make_key(url: str) -> NewKey:
    async with opened(url) as database:
        return (await create_key(database, "for a while", "admin"))[0]


async def _open(url: str, key_id: str, digest: bytes) -> str:
    async with opened(url) as database:
        return await open_session(database, key_id, digest)


async def _sessions_of_the_bootstrap_key(url: str) -> list[Session | None]:
    async with opened(url) as database:
        token = await open_session(database, INTERNAL, digest_of(b"the old one"))
        return [await find_session(database, token, key) for key in ("the old one", "the new one", None)]


def test_a_session_ends_when_the_bootstrap_key_is_changed(world: World) -> None:
    ours, *others = asyncio.run(_sessions_of_the_bootstrap_key(world.url))
    assert ours
    assert ours.key_id == INTERNAL
    assert others == [None, None]
    assert ours.csrf not in repr(ours)


def test_who_logs_out_takes_copies_of_the_cookie_along(world: World, operator: httpx2.Client) -> None:
    copied = {"Cookie": f"{COOKIE}={operator.cookies[COOKIE]}"}
    assert "Log out" in world.client.get("/", headers=copied).text
    assert operator.post("/logout", data={"csrf": csrf_in(operator.get("/"))}).status_code == 303
    assert not is_logged_in(operator)
    assert "Log out" not in world.client.get("/", headers=copied).text


def test_what_is_posted_needs_a_login_and_our_form(world: World, operator: httpx2.Client) -> None:
    good = csrf_in(operator.get("/"))
    wrong = {"name": "sweep", "verb": "run"}
    assert world.client.post(POST, data={**wrong, "csrf": good}).status_code == 401
    for csrf in ("", "x", good.upper(), good[:-1], csrf_of(make_token()), csrf_of("")):
        assert operator.post(POST, data={**wrong, "csrf": csrf}).status_code == 403, csrf
    for site in ("cross-site", "same-site"):
        refused = operator.post(POST, data={**wrong, "csrf": good}, headers={"Sec-Fetch-Site": site})
        assert refused.status_code == 403
    assert operator.post(POST, json={**wrong, "csrf": good}).status_code == 415
    assert operator.post(POST, data={"csrf": good, "name": "x" * 100_000}).status_code == 413
    assert operator.post(POST, data={f"f{n}": "" for n in range(100)}).status_code == 400
    assert operator.post(POST, content=b"csrf=%ff\xff", headers={"Content-Type": FORM}).status_code == 400


FORM = "application/x-www-form-urlencoded"


def test_the_login_too_needs_our_form(world: World) -> None:
    with world.browser(**{"X-Forwarded-For": "203.0.113.8"}) as client:
        for csrf in ("", csrf_of(""), csrf_of(make_token())):
            assert client.post("/login", data={"csrf": csrf, "key": world.admin}).status_code == 403
            client.get("/login")  # from now on with a cookie


def test_a_key_in_an_address_is_refused(world: World) -> None:
    assert world.client.get("/login", params={"api_key": world.admin}).status_code == 400


def test_who_fails_too_often_waits(world: World) -> None:
    with world.browser(**{"X-Forwarded-For": "203.0.113.9"}) as client:
        for _ in range(MOST_FAILURES):
            assert log_in(client, "wrong").status_code == 403
        answer = log_in(client, world.admin)
        assert (answer.status_code, 0 < int(answer.headers["retry-after"]) <= PAUSE) == (429, True)
    with world.browser(**{"X-Forwarded-For": "203.0.113.10"}) as client:
        assert log_in(client, world.admin).status_code == 303


def test_failures_are_forgotten_in_time() -> None:
    clock = [0.0]
    failures = Failures(lambda: clock[0])
    for _ in range(MOST_FAILURES):
        assert failures.wait("a") is None
        failures.note("a")
        clock[0] += 1
    assert failures.wait("a") == PAUSE - MOST_FAILURES
    assert failures.wait("b") is None
    clock[0] = PAUSE
    assert failures.wait("a") is None


def test_only_so_many_addresses_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alexandria.dashboard.login.MOST_ADDRESSES", 2)
    failures = Failures(lambda: 0.0)
    for _ in range(MOST_FAILURES):
        failures.note("a")
    for address in ("b", "c"):
        failures.note(address)
    assert failures.wait("a") is None


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/", "/"),
        ("/works/OL1W", "/works/OL1W"),
        (None, "/"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/x\r\nset-cookie: a=b", "/"),
        ("/" + "x" * 600, "/"),
    ],
)
def test_where_a_login_leads_to(text: str | None, path: str) -> None:
    assert read_path(text) == path
