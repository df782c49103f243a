"""What every page must be, whoever looks at it and on whatever."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = ("serious", "critical")
NARROW = 360  # pixels of a small phone


def check_page(page: Page) -> None:
    """Nothing; a page with all its parts unfolded keeps nobody out: light and dark, wide and narrow."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, runOnly=["color-contrast"]) == []
    page.set_viewport_size({"width": NARROW, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


def violations(page: Page, **options: Any) -> list[str]:
    """What axe-core finds that keeps people out."""
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False, **options}).response["violations"]
    return [
        f"{each['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]
