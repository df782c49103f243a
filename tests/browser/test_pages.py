"""Pages as people use them: by mouse, by keyboard alone, on a phone, without scripts; axe-core looks at each of them.

All in one file, so that one browser and one service do for all.
"""

from urllib.parse import quote

import httpx2
import pytest
from playwright.sync_api import Page, expect

from alexandria.sample.catalogue import sample_isbns
from alexandria.sample.numbers import nth_isbn
from tests.browser.conftest import ARABIC, ARABIC_TITLE, HOSTILE, HOSTILE_TITLE, KEY, Open
from tests.browser.reading import check_page

NOT_THERE = "the server responded with a status of 4"
PAGES = {
    "search": "/catalogue",
    "results": "/catalogue?q=great+gastby&language=en",
    "not understood": "/catalogue?q=fox&year=soon",
    "edition": "/editions/" + sample_isbns().hit,
    "work": "/works/OL468431W",
    "author": "/authors/OL27349A",
    "not known": "/works/OL999999999W",
    "asked for": f"/editions/{nth_isbn(1_000)}",
}


def explanation(page: Page) -> None:
    """The table under the heading is open, and says who gave the title."""
    row = page.locator("#explain tr", has=page.get_by_role("rowheader", name="Title", exact=True))
    expect(row).to_be_visible()
    expect(row).to_contain_text("Open Library")


def test_by_mouse(open_page: Open) -> None:
    page = open_page()
    page.goto("/catalogue")
    page.locator("#q").fill("great gastby")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("status")).to_contain_text("gastby was read as gatsby")
    page.get_by_role("link", name="The Great Gatsby").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Great Gatsby")
    page.locator("#editions ~ ul .title a").first.click()
    page.locator("#explain summary").click()
    explanation(page)


def test_by_keyboard(open_page: Open) -> None:
    page = open_page()
    page.goto("/catalogue")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "input#q")
    page.keyboard.type("gatsby fitzgerald")
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalogue?q=*")
    tab_to(page, ".results .title a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/works/*")
    tab_to(page, "#editions ~ ul .title a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/editions/*")
    tab_to(page, "#explain summary")
    page.keyboard.press("Enter")
    explanation(page)


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until an element has the focus, which must be seen."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none"
            return
    pytest.fail(f"Tab never comes to {selector}")


def test_what_may_be_meant_is_offered(open_page: Open) -> None:
    page = open_page()
    page.goto("/catalogue")
    box = page.locator("#q")
    box.press_sequentially("great gats")
    option = page.get_by_role("option", name="The Great Gatsby").first
    expect(option).to_be_visible()
    box.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The Great Gatsby")


def test_a_book_that_is_asked_for_is_shown_when_it_arrives(open_page: Open, service: httpx2.Client) -> None:
    isbn = nth_isbn(1_100)
    page = open_page(NOT_THERE)
    page.goto(f"/editions/{isbn}")
    expect(page.locator("[data-job]")).to_contain_text("It was asked for")
    answer = service.get("/api/isbn", params={"isbn": str(isbn), "resolve": "now", "deadline": 20})
    title = answer.json()["results"][0]["title"]
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_without_scripts(open_page: Open) -> None:
    page = open_page(scripts=False)
    page.goto("/catalogue?q=gatsby")
    page.locator(".results .title a").first.click()
    page.locator("#editions ~ ul .title a").first.click()
    page.locator("#explain summary").click()
    assert "Open Library" in page.locator("#explain table").inner_text()


def test_hostile_titles_are_text(open_page: Open) -> None:
    page = open_page()
    page.goto(f"/editions/{HOSTILE}")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE_TITLE)
    page.goto("/catalogue?q=" + quote(HOSTILE_TITLE))
    assert page.locator("#q").input_value() == HOSTILE_TITLE
    assert page.evaluate("window.hacked") is None


def test_titles_run_as_their_script_does(open_page: Open) -> None:
    page = open_page()
    page.goto(f"/editions/{ARABIC}")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(ARABIC_TITLE)
    expect(heading).to_have_attribute("lang", "ar")
    assert heading.evaluate("element => getComputedStyle(element).direction") == "rtl"


@pytest.mark.parametrize("name", PAGES)
def test_anybody_can_read_it(open_page: Open, name: str) -> None:
    """Light and dark, wide and narrow, with explanations unfolded."""
    page = open_page(NOT_THERE)
    page.goto(PAGES[name])
    check_page(page)


def log_in(page: Page, key: str = KEY) -> None:
    page.goto("/login")
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Log in").click()


def test_anybody_can_read_how_it_fares(open_page: Open) -> None:
    page = open_page()
    page.goto("/")
    expect(page.get_by_role("heading", name="Quota")).to_be_visible()
    check_page(page)


def test_an_operator_logs_in_and_acts_by_keyboard(open_page: Open) -> None:
    page = open_page()
    log_in(page)
    expect(page.get_by_text("You are logged in.")).to_be_visible()
    row = page.get_by_role("row", name="reconcile")
    row.get_by_role("button", name="pause").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("reconcile is paused.")).to_be_visible()
    expect(row).to_contain_text("paused")
    row.get_by_role("button", name="resume").focus()
    page.keyboard.press("Enter")
    expect(row).not_to_contain_text("paused")
    check_page(page)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in", exact=True)).to_be_visible()


def test_a_wrong_key_is_told_of(open_page: Open) -> None:
    page = open_page("the server responded with a status of 403")
    log_in(page, "not-a-key")
    expect(page.get_by_role("alert")).to_be_visible()
    check_page(page)


def test_by_hand_it_is_dark(open_page: Open) -> None:
    page = open_page()
    page.goto("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()
    page.goto("/catalogue")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
