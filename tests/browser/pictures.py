"""`make screenshots`: the pages of the demo as pictures for the documentation, small enough to be kept."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import httpx2
import pyvips
from playwright.sync_api import Browser, sync_playwright

from alexandria.sample.catalogue import sample_isbns
from tests.browser.conftest import FLAGS, find_browser
from tests.waiting import until

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


@dataclass(frozen=True)
class Picture:
    """A page at a width, and what is unfolded on it first."""

    name: str
    path: str
    width: int = 1100
    height: int = 760
    scheme: Literal["light", "dark"] = "light"
    unfold: str | None = None


PICTURES = [
    Picture("results", "/catalogue?q=great+gastby"),
    Picture("work", "/works/OL468431W", scheme="dark"),
    Picture("edition", f"/editions/{sample_isbns().hit}", height=1300, unfold="#explain"),
    Picture("phone", f"/editions/{sample_isbns().many_editions}", width=390, height=780),
]


@contextmanager
def demo() -> Iterator[str]:
    """The address of a demo, which runs until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="alexandria-pictures-") as folder:
        Path(folder).chmod(0o755)
        command = [sys.executable, "-m", "alexandria.cli.main", "demo", "--json", "--data-dir", f"{folder}/data"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout
            found = next(filter(None, (re.search(r'"url": ?"([^"]*)"', line) for line in process.stdout)))
            yield found[1]
        finally:
            process.terminate()
            process.wait(30)


def fetch_covers(base: str) -> None:
    """Nothing; the covers of some editions are stored, or nobody has one."""
    isbns = sample_isbns()
    with httpx2.Client(base_url=base, timeout=30) as client:
        for isbn in (isbns.hit, isbns.many_editions):
            client.get(f"/covers/{isbn}/small")
            until(partial(_is_searched, client, isbn))


def _is_searched(client: httpx2.Client, isbn: str) -> bool:
    return client.get(f"/api/covers/status/{isbn}").json()["status"] in ("stored", "missing")


def take(browser: Browser, base: str, picture: Picture) -> int:
    """The size of a picture of a page, in bytes."""
    viewport = {"width": picture.width, "height": picture.height}
    context = browser.new_context(base_url=base, color_scheme=picture.scheme, viewport=viewport)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(picture.path, wait_until="networkidle")
    if picture.unfold:
        page.evaluate("selector => { document.querySelector(selector).open = true }", picture.unfold)
    taken = pyvips.Image.pngload_buffer(page.screenshot())
    context.close()
    data: bytes = taken.pngsave_buffer(palette=True, bitdepth=8, Q=80, dither=0, effort=10, strip=True)
    (FOLDER / f"{picture.name}.png").write_bytes(data)
    return len(data)


def main() -> None:
    """All pictures; says how large they are."""
    FOLDER.mkdir(exist_ok=True)
    with demo() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        fetch_covers(base)
        for picture in PICTURES:
            size = take(browser, base, picture)
            sys.stdout.write(f"{picture.name}.png {size:,} bytes\n")
        browser.close()


if __name__ == "__main__":
    main()
