"""What every page must be, whoever looks at it and on whatever."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

NARROW = 360  # pixels of a small phone
RUN = """async only => {
    const options = {resultTypes: ["violations"], preload: false, ...(only && {runOnly: [only]})};
    const {violations} = await axe.run(document, options);
    return violations.filter(each => ["serious", "critical"].includes(each.impact)).flatMap(
        each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 200)} (${node.failureSummary})`));
}"""


def check_page(page: Page) -> None:
    """Nothing; a page with all its parts unfolded keeps nobody out: light and dark, wide and narrow."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(RUN) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(RUN, "color-contrast") == []
    page.set_viewport_size({"width": NARROW, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
