"""The pages of the catalogue over HTTP: what they show, where they lead, what they refuse."""

import re
from collections.abc import Callable
from html import unescape

import httpx2
import pytest

from alexandria.mirror.load import load_dumps
from tests import dumps
from tests.api.conftest import LIBRARY, Start

SITE = "alexandria.cli.site:create"
KEY = "a-key-that-opens-everything"
SHELF = [
    dumps.line("author", 500, 1, name="Vera Writing", remote_ids={"viaf": "108159131"}),
    *(
        dumps.line("work", 9000 + number, 1, title=f"Volume {number}", authors=[{"author": {"key": "/authors/OL500A"}}])
        for number in range(45)
    ),
    dumps.line("work", 9100, 1, title="Writings: 3 Books Collection Set",
               authors=[{"author": {"key": "/authors/OL500A"}}]),
    *(dumps.edition(700 + number, 9100, "9780306406157", number, number_of_pages=9) for number in range(15)),
    dumps.line("edition", 800, 1, title="<b onclick=x>\"'&", works=[{"key": "/works/OL9000W"}],
               series=["A <i>series</i>"], physical_format="Paperback", isbn_13=["9781402894626"],
               identifiers={"goodreads": ["4671"], "librarything": ["../evil"]}),
    dumps.line("edition", 801, 1, title="Without a number", works=[{"key": "/works/OL9001W"}]),
]  # fmt: skip


@pytest.fixture(scope="module")
def service(
    start_service: Start, session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> httpx2.Client:
    """A client of pages over a small library with every special case."""
    url, folder = session_database(), tmp_path_factory.mktemp("shelf")
    load_dumps(url, [dumps.write(folder / "library.txt", [*LIBRARY, *SHELF])])
    return start_service(url, SITE, internal_api_key=KEY, data_dir=str(folder))


def text_of(page: httpx2.Response) -> str:
    """What a reader reads."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def test_results_lead_to_works(service: httpx2.Client) -> None:
    page = service.get("/catalogue", params={"q": "dahl fantastc fox"})
    assert page.status_code == 200
    assert 'href="/works/OL45804W"' in page.text
    assert "Found by title and author; fantastc was read as fantastic ." in text_of(page)
    [picture] = re.findall(r"<img[^>]*>", page.text)
    assert 'width="128" height="192"' in picture
    assert 'loading="lazy"' in picture


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("ISBN 0-14-032872-6", "/editions/9780140328721"),
        ("ol45804w", "/works/OL45804W"),
        ("/authors/OL34184A", "/authors/OL34184A"),
        ("https://openlibrary.org/books/OL1M/Fantastic", "/editions/OL1M"),
    ],
)
def test_what_names_one_record_leads_to_it(service: httpx2.Client, query: str, there: str) -> None:
    page = service.get("/catalogue", params={"q": query})
    assert (page.status_code, page.headers["location"]) == (302, there)


def test_empty_filters_are_none(service: httpx2.Client) -> None:
    told = {"q": "fantastic", "language": "", "year": "", "format": ""}
    assert "/works/OL45804W" in service.get("/catalogue", params=told).text


@pytest.mark.parametrize(
    ("filters", "is_found"),
    [({"year": "1988"}, True), ({"year": "1800-1900"}, False), ({"language": "en", "format": "paperback"}, True),
     ({"language": "German"}, False)],
)  # fmt: skip
def test_filters(service: httpx2.Client, filters: dict[str, str], is_found: bool) -> None:
    page = service.get("/catalogue", params={"q": "fantastic", **filters})
    assert ("/works/OL45804W" in page.text) is is_found
    assert '<details class="filters" open>' in page.text


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"year": "soon"}, "Year: a year such as 1999"),
        ({"language": "klingonese"}, "Language: not a language"),
        ({"format": "scroll"}, "Format: one of hardcover"),
        ({"cursor": "x"}, "Page: not one that this service gave"),
        ({"q": "x" * 900}, "Search: at most 500 characters"),
    ],
)
def test_what_cannot_be_searched_for_is_said_beside_the_form(
    service: httpx2.Client, told: dict[str, str], says: str
) -> None:
    page = service.get("/catalogue", params={"q": "fox", **told})
    assert page.status_code == 400
    assert says in text_of(page)
    assert 'name="q"' in page.text


def test_results_go_on_where_the_page_ends(service: httpx2.Client) -> None:
    seen: list[str] = []
    page = service.get("/catalogue", params={"q": "vera writing", "format": ""})
    while True:
        seen += re.findall(r'class="title"[^>]*><a href="([^"]*)"', page.text)
        following = re.search(r'href="(/catalogue\?[^"]*)" rel="next"', page.text)
        if not following:
            break
        page = service.get(unescape(following[1]))
    assert len(seen) == len(set(seen)) == 46
    assert 'href="/catalogue?q=vera+writing"' in page.text


def test_a_work_shows_its_editions_by_the_page(service: httpx2.Client) -> None:
    first = service.get("/works/OL9100W")
    assert len(set(re.findall(r'href="(/editions/[^"]*)"', first.text))) == 12  # although they share an ISBN
    assert first.text.partition('id="similar"')[0].count('class="entry"') == 12
    following = re.search(r'href="(/works/OL9100W\?cursor=[^"]*)"', first.text)
    assert following
    last = service.get(unescape(following[1])).text.partition('id="similar"')[0]
    assert last.count('class="entry"') == 3
    assert 'href="/works/OL9100W">First page' in last


def test_an_author_shows_what_they_wrote_by_its_class(service: httpx2.Client) -> None:
    page = service.get("/authors/OL500A")
    shown = text_of(page)
    assert "Vera Writing" in shown
    assert re.search(r"Writings: 3 Books Collection Set Vera Writing Several works in one", shown)
    assert 'href="https://viaf.org/viaf/108159131" rel="noopener noreferrer"' in page.text
    assert page.text.count('class="entry"') == 20


def test_an_edition_tells_all_and_where_it_is_from(service: httpx2.Client) -> None:
    page = service.get("/editions/9780140328721")
    shown = text_of(page)
    for text in ("Fantastic", "978-0-14-032872-1", "October 1, 1988", "Puffin, Penguin", "96", "Paperback", "English"):
        assert text in shown, text
    assert "Where each field is from" in shown
    assert "Open Library" in shown
    assert 'href="/works/OL45804W"' in page.text


def test_what_gave_way_is_told(service: httpx2.Client) -> None:
    told = {"isbn": "9780140328721", "page_count": 97}
    service.post("/api/enrich/edition", json=told, headers={"X-API-Key": KEY}).raise_for_status()
    row = re.search(r'<th scope="row">Pages</th>.*?</tr>', service.get("/editions/OL1M").text, re.DOTALL)
    assert row
    assert "a person with the key internal" in " ".join(re.sub(r"<[^>]*>", " ", row[0]).split())
    assert re.search(r">96</span>.*Open Library", row[0], re.DOTALL)


@pytest.mark.parametrize(
    ("address", "name"),
    [("/editions/9780140328721", "OL1M"), ("/editions/OL801M", "OL801M"), ("/editions/9780134685991", "9780134685991")],
)
def test_an_edition_can_be_taken_along(service: httpx2.Client, address: str, name: str) -> None:
    told = {"isbn": "9780134685991", "title": "Told"}  # which Open Library does not have
    service.post("/api/enrich/edition", json=told, headers={"X-API-Key": KEY}).raise_for_status()
    links = re.findall(r'href="(/api/(?:search|editions)[^"]*as=[^"]*)"', service.get(address).text)
    assert len(links) == 5
    for link in links:
        answer = service.get(unescape(link))
        assert answer.status_code == 200
        assert re.fullmatch(rf'attachment; filename="{name}\.\w+"', answer.headers["content-disposition"])
        assert answer.content


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/works/OL80W", 410, "This work was deleted at Open Library."),
        ("/editions/OL31M", 410, "This edition was deleted at Open Library."),
        ("/editions/9780261102217", 410, "This edition was deleted at Open Library."),
        ("/works/OL123456W", 404, "This work is not known here."),
        ("/authors/OL123456A", 404, "This author is not known here."),
        ("/editions/OL123456M", 404, "This edition is not known here."),
        ("/works/nonsense", 400, "This is no work’s key."),
        ("/editions/9780140328722", 400, "This is no ISBN and no edition’s key."),
        ("/authors/OL45804W", 400, "This is no author’s key."),
        ("/works/OL45804W?cursor=%00", 400, "This list has no such page."),
        ("/editions/9780804429580", 404, "ISBN 978-0-8044-2958-0 is not known yet"),
    ],
)
def test_what_is_not_there(service: httpx2.Client, address: str, status: int, says: str) -> None:
    page = service.get(address)
    assert page.status_code == status
    assert says in text_of(page)
    assert 'action="/catalogue"' in page.text


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("/works/OL1W", "/works/OL45804W"),
        ("/works/ol45804w", "/works/OL45804W"),
        ("/authors/OL99A", "/authors/OL34184A"),
        ("/editions/OL30M", "/editions/OL1M"),
        ("/editions/0-14-032872-6", "/editions/9780140328721"),
    ],
)
def test_one_record_has_one_address(service: httpx2.Client, address: str, there: str) -> None:
    page = service.get(address)
    assert (page.status_code, page.headers["location"]) == (302, there)


@pytest.mark.parametrize(
    "address",
    ["/catalogue", "/catalogue?q=%3Cscript%3E%22%27&year=%22%3E%3Cimg+src=x%3E", "/catalogue?q=fox", "/works/OL45804W",
     "/editions/9781402894626", "/authors/OL500A", "/works/%3Cscript%3E", "/editions/9780804429580"],
)  # fmt: skip
def test_nothing_in_a_page_is_run_but_our_files(service: httpx2.Client, address: str) -> None:
    page = service.get(address)
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    for script in re.findall(r"<script[^>]*>", page.text):
        assert re.fullmatch(r'<script src="/static/\w+/\w+\.js" defer>', script)
    tags = re.findall(r"<\w[^>]*>", page.text)
    assert not [tag for tag in tags if re.search(r"\s(?:style|on\w+)\s*=", re.sub(r'"[^"]*"', '""', tag))]
    assert not re.findall(r"<(?:style|b|i|img src=x)[ >]", page.text)


def test_only_addresses_of_the_web_are_links(service: httpx2.Client) -> None:
    page = service.get("/editions/9781402894626")
    assert 'href="https://www.goodreads.com/book/show/4671" rel="noopener noreferrer"' in page.text
    for link in re.findall(r'href="([^"]*)"', page.text):
        assert re.match(r"/(?!/)|#|https://", link), link
    assert "A &lt;i&gt;series&lt;/i&gt;" in page.text
