"""A real browser on the real service: Debian's Chromium, the sample catalogue, simulated providers."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from alexandria.cli.demo import DEMO
from alexandria.mirror.load import load_dumps
from alexandria.sample.catalogue import write_sample
from alexandria.simulator.launch import Simulator
from tests.api.conftest import Start
from tests.api.conftest import start_service as start_service  # a fixture

SITE = "alexandria.cli.site:create"
KEY = "a-key-that-opens-everything"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
HOSTILE = "9781402894626"
HOSTILE_TITLE = '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 2">\'">'
ARABIC, ARABIC_TITLE = "9789953681191", "ألف ليلة وليلة"


def find_browser() -> str | None:
    """The path of the browser that there is."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window; skips where there is none. Its event loop runs as long as it does: for one file."""
    found = find_browser()
    if found is None:
        pytest.skip("no browser: `apt-get install chromium`, which `make test` does where it may")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def service(
    start_service: Start, session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    """A client with a key on the sample catalogue, with two titles that pages find hard."""
    url = session_database()
    folder = tmp_path_factory.mktemp("browser")
    load_dumps(url, write_sample(folder / "sample"))
    with Simulator() as simulator:
        environ = {name.removeprefix("ALEXANDRIA_"): value for name, value in {**DEMO, **simulator.environ}.items()}
        client = start_service(url, SITE, internal_api_key=KEY, data_dir=str(folder / "data"), **environ)
        client.headers["X-API-Key"], client.timeout = KEY, httpx2.Timeout(30)
        for isbn, title, language in ((HOSTILE, HOSTILE_TITLE, "en"), (ARABIC, ARABIC_TITLE, "ar")):
            told = {"isbn": isbn, "title": title, "authors": [title], "language": language, "publisher": title}
            client.post("/api/enrich/edition", json=told).raise_for_status()
        yield client


@dataclass
class Seen:
    """What a browser complained about, and whom it asked beside us."""

    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def watch(self, page: Page, host: str) -> None:
        """From now on everything is noted."""

        def on_console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.complaints.append(message.text)

        def on_request(request: Request) -> None:
            if urlsplit(request.url).netloc != host and not request.url.startswith("data:"):
                self.strangers.append(request.url)

        page.on("console", on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", on_request)


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, service: httpx2.Client) -> Iterator[Open]:
    """A function that gives a page of a browser of its own; in the end it must not have complained of anything.

    `allowed` is the part of a complaint that is meant to come.
    """
    host = service.base_url.netloc.decode()
    opened: list[tuple[Seen, str | None]] = []
    with _closing() as contexts:

        def start(allowed: str | None = None, *, width: int = 1200, scripts: bool = True) -> Page:
            context = browser.new_context(
                base_url=str(service.base_url),
                viewport={"width": width, "height": 900},
                java_script_enabled=scripts,
                color_scheme="light",
                reduced_motion="reduce",
            )
            contexts.append(context)
            context.set_default_timeout(10_000)
            page, seen = context.new_page(), Seen()
            seen.watch(page, host)
            opened.append((seen, allowed))
            return page

        yield start
    for seen, allowed in opened:
        assert seen.strangers == []
        assert [line for line in seen.complaints if allowed is None or allowed not in line] == []


@contextmanager
def _closing() -> Iterator[list[object]]:
    contexts: list[object] = []
    yield contexts
    for context in contexts:
        context.close()  # type: ignore[attr-defined]
