"""Every page over real HTTP: its headers, what it shows to whom, what it does not let a value do."""

import re
from collections.abc import Iterator

import httpx2
import pytest

from alexandria.dashboard.assets import address, assets
from alexandria.dashboard.site import POLICY
from tests.api.conftest import Start
from tests.api.conftest import start_service as start_service  # a fixture
from tests.dashboard.conftest import BOOTSTRAP, HOSTILE, World, log_in, serving

PAGES = ("/", "/dashboard/live", "/login", "/dashboard/nothing", "/static/x/nothing")


def inner(page: str) -> Iterator[str]:
    """What a strict policy would not run, or what would come from elsewhere."""
    yield from re.findall(r"<script(?![^>]* src=\"/static/)[^>]*>|<style|\sstyle=|\son\w+=|javascript:", page)
    yield from re.findall(r"(?:src|href|action)=\"(?!/|#)[^\"]*\"", page)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_its_headers_and_nothing_inline(world: World, operator: httpx2.Client, path: str) -> None:
    for client in (world.client, operator):
        answer = client.get(path, follow_redirects=True)
        assert answer.headers["content-security-policy"] == POLICY.decode()
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert list(inner(answer.text)) == []


def test_what_a_policy_forbids_would_be_seen() -> None:
    bad = '<script>x</script><p style="a" onclick="b"><a href="javascript:c"><img src="https://d">'
    assert len(list(inner(bad))) >= 5


@pytest.mark.parametrize("path", ["/", "/dashboard/live"])
def test_hostile_values_are_text(world: World, operator: httpx2.Client, path: str) -> None:
    for client, who in ((world.client, "stranger"), (operator, "operator")):
        page = client.get(path).text
        assert HOSTILE not in page
        assert page.count("&lt;script&gt;alert(") >= 4, who
        assert 'href="/editions/9780140328721"' in page


def test_what_a_stranger_may_not_see(world: World, operator: httpx2.Client) -> None:
    open_page, whole_page = world.client.get("/").text, operator.get("/").text
    assert "secret reason" not in open_page
    assert "<form" not in open_page
    assert whole_page.count("secret reason") >= 3
    for page in (open_page, whole_page):
        for secret in ("abcdefghij", "who may", world.admin, world.admin.split("_")[1], BOOTSTRAP):
            assert secret not in page


def test_what_the_first_page_shows(operator: httpx2.Client) -> None:
    page = operator.get("/").text
    for text in ("400</strong> of", "breaker open", "3 of 10", "run now", "Retry all", "Jobs that wait", "reconcile"):
        assert text in page, text


def test_files_are_kept_for_good_under_their_digest(world: World) -> None:
    for name, asset in assets().items():
        answer = world.client.get(address(name))
        assert (answer.status_code, answer.content) == (200, asset.content)
        assert answer.headers["content-type"].partition(";")[0] == asset.media_type
        assert "immutable" in answer.headers["cache-control"]
        assert "immutable" not in world.client.get(f"/static/0/{name}").headers["cache-control"]
        page = "/catalogue" if name.startswith("catalogue") else "/"
        assert address(name) in world.client.get(page).text
    assert world.client.get("/static/0/..%2Fsite.py").status_code == 404


def test_pages_are_no_part_of_the_api(world: World) -> None:
    document = world.client.get("/openapi.json").json()
    assert [path for path in document["paths"] if not path.startswith(("/api", "/covers", "/health", "/ready"))] == []
    assert world.client.get("/api/stats").headers["content-type"] == "application/json"
    assert world.client.get("/nothing").headers["content-type"] == "application/problem+json"
    head = world.client.head("/")
    assert (head.status_code, head.content) == (200, b"")
    assert world.client.delete("/").status_code == 405


@pytest.fixture
def closed(world: World) -> Iterator[httpx2.Client]:
    """A client of a service on the same database that nobody may read without a key."""
    with serving(world.url, open_reads="false") as client:
        yield client


def test_where_reading_is_closed_so_are_the_pages(world: World, closed: httpx2.Client) -> None:
    for path in ("/", "/dashboard/live", "/catalogue", "/works/OL1W", "/editions/9780140328721", "/authors/OL1A"):
        answer = closed.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/login?next={path}"
    assert closed.get("/api/stats").status_code == 401
    assert closed.get(address("alexandria.css")).status_code == 200
    assert log_in(closed, world.reader).status_code == 403
    assert log_in(closed, world.admin).status_code == 303
    assert "Queue" in closed.get("/").text
    assert closed.get("/api/stats").status_code == 401, "a cookie is no key"


def test_a_theme_that_was_chosen_comes_with_the_page(world: World) -> None:
    for theme, root in (("dark", '<html lang="en" data-theme="dark">'), ('"><b>', '<html lang="en">')):
        assert root in world.client.get("/", headers={"Cookie": f"alexandria-theme={theme}"}).text


def test_a_database_that_is_away_is_told(start_service: Start) -> None:
    """In a process of its own, as the command line makes it."""
    client = start_service("postgresql://me@127.0.0.1:1/x", "alexandria.cli.site:create")
    answer = client.get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "The database cannot be reached" in answer.text
    assert client.get(address("alexandria.css")).status_code == 200
