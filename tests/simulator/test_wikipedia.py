"""Wikipedia as providers.md 9 documents it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from alexandria.simulator import Simulator
from alexandria.simulator.catalogue import Catalogue, Person
from alexandria.simulator.wikimedia.articles import find_article, sites_of, title_of
from alexandria.simulator.wikimedia.items import Items, write

Ask = Callable[..., httpx2.Response]


@pytest.fixture
def summary(simulator: Simulator, http: httpx2.Client) -> Ask:
    """A function that asks for the summary of a title, as it is written into the path."""

    def get(title: str, language: str = "en", **kwargs: Any) -> httpx2.Response:
        base = simulator.urls["wikipedia"].replace("{language}", language)
        return http.get(f"{base}/api/rest_v1/page/summary/{quote(title.replace(' ', '_'), safe='')}", **kwargs)

    return get


@pytest.fixture(scope="session")
def people(catalogue: Catalogue) -> list[Person]:
    """Authors with an English article."""
    found = (catalogue.author(number) for number in range(2_000))
    return [person for person in found if "en" in sites_of(catalogue, person)]


def test_an_article(summary: Ask, people: list[Person], catalogue: Catalogue) -> None:
    person = next(
        each for each in people if title_of(each) == each.name and each.bits >> 41 & 15 and each.number % 37 != 3
    )
    answer = summary(person.name)
    found = answer.json()
    assert found["type"] == "standard"
    assert found["title"] == person.name
    assert found["titles"]["canonical"] == person.name.replace(" ", "_")
    assert found["wikibase_item"] == write("author", person.number)
    assert person.name in found["extract"]
    assert found["content_urls"]["desktop"]["page"].startswith("https://en.wikipedia.org/wiki/")
    assert summary(person.name, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert summary(person.name[0].lower() + person.name[1:]).json()["title"] == person.name


def test_redirects_disambiguation_and_missing_pages(summary: Ask, people: list[Person]) -> None:
    ambiguous = next(each for each in people if title_of(each) != each.name)
    assert summary(ambiguous.name).json()["type"] == "disambiguation"
    assert summary(title_of(ambiguous)).json()["type"] == "standard"
    plain = next(each for each in people if title_of(each) == each.name)
    first, _, last = plain.name.rpartition(" ")
    moved = summary(f"{last}, {first}")
    assert moved.status_code == 302
    assert moved.headers["Location"] == quote(plain.name.replace(" ", "_"))
    assert summary(f"{last}, {first}", follow_redirects=True).json()["title"] == plain.name
    assert summary(f"{last}, {first}", params={"redirect": "false"}).json()["type"] == "no-extract"
    assert summary("Nobody Nowhere").status_code == 404
    assert summary("AC/DC").status_code == 404


def test_languages(summary: Ask, catalogue: Catalogue) -> None:
    both = next(p for p in map(catalogue.author, range(500)) if len(sites_of(catalogue, p)) == 2)
    other = next(language for language in sites_of(catalogue, both) if language != "en")
    assert summary(title_of(both), other).json()["lang"] == other
    assert summary(title_of(both), "fi").status_code == 404


def test_the_sitelinks_of_wikidata_lead_here(catalogue: Catalogue) -> None:
    for person in [catalogue.author(5), catalogue.stranger(26320), catalogue.stranger(77)]:
        for language, title in sites_of(catalogue, person).items():
            article = find_article(catalogue, language, title)
            assert article is not None
            assert article.person == person


def test_an_article_may_name_no_item_another_or_a_picture_that_is_not_free(
    simulator: Simulator, http: httpx2.Client, people: list[Person], summary: Ask
) -> None:
    found = [(person, summary(title_of(person)).json()) for person in people[:200]]
    assert any("wikibase_item" not in page for _, page in found)
    assert any(page.get("wikibase_item", write("author", p.number)) != write("author", p.number) for p, page in found)
    pictures = [page["originalimage"]["source"] for _, page in found if "originalimage" in page]
    assert any("/wikipedia/commons/" in each for each in pictures)
    assert any("/wikipedia/en/" in each for each in pictures)
    assert len(pictures) < len(found)


def test_many_titles_at_once(
    simulator: Simulator, http: httpx2.Client, people: list[Person], catalogue: Catalogue
) -> None:
    url = simulator.urls["wikipedia"].replace("{language}", "en") + "/w/api.php"
    query = {"action": "query", "prop": "extracts|pageprops", "format": "json", "formatversion": "2"}
    titles = [title_of(person) for person in people[:25]]
    found = http.get(url, params={**query, "titles": "|".join([*titles, "Nobody Nowhere"])}).json()
    pages = found["query"]["pages"]
    assert pages[-1] == {"ns": 0, "title": "Nobody Nowhere", "missing": True}
    assert [page["title"] for page in pages[:-1]] == titles
    assert sum("extract" in page for page in pages) == 20
    assert "continue" in found
    assert pages[0]["pageprops"]["wikibase_item"] == Items(catalogue).item_of(people[0])
    too_many = http.get(url, params={**query, "titles": "|".join(f"T{n}" for n in range(51))})
    assert (too_many.status_code, too_many.json()["error"]["code"]) == (200, "toomanyvalues")
