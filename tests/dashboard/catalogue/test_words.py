"""Values in words, links to the outside, cards: pure."""

from typing import Any

import pytest

from alexandria.biblio.identifiers import SCHEMES
from alexandria.biblio.keys import Kind
from alexandria.dashboard.catalogue.cards import isbn_in, result_card, work_card
from alexandria.dashboard.catalogue.explained import credit, rows
from alexandria.dashboard.catalogue.links import outside, page_of, web_address
from alexandria.dashboard.catalogue.texts import RULES, count_of, in_words, label, languages
from alexandria.enrichment.explain import Claim, Explanation

WORK: dict[str, Any] = {
    "key": "OL1W", "title": "Dune", "subtitle": None, "authors": [{"key": None, "name": f"A {n}"} for n in range(6)],
    "first_publication_year": 1965, "original_language": "en", "cover_url_small": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "scheme", "value", "address"),
    [
        ("edition", "goodreads", "4671", "https://www.goodreads.com/book/show/4671"),
        ("author", "goodreads", "3190", "https://www.goodreads.com/author/show/3190"),
        ("work", "goodreads", "3190", None),
        ("author", "open_library", "OL1A", "https://openlibrary.org/authors/OL1A"),
        ("edition", "open_library", "AX1W!", None),
        ("edition", "doi", "10.1000/a?b#c", "https://doi.org/10.1000/a%3Fb%23c"),
        ("author", "imdb", "nm0000001", "https://www.imdb.com/name/nm0000001/"),
        ("edition", "wikidata", "Q1/../x", "https://www.wikidata.org/wiki/Q1%2F..%2Fx"),
        ("edition", "javascript", "alert(1)", None),
    ],
)
def test_pages_of_identifiers(kind: Kind, scheme: str, value: str, address: str | None) -> None:
    assert page_of(kind, scheme, value) == address


def test_every_scheme_has_a_name() -> None:
    unnamed = [each for each in outside("edition", {scheme: ["1"] for scheme in SCHEMES}) if each.name == each.scheme]
    assert unnamed == []


@pytest.mark.parametrize("text", [None, "", "javascript:alert(1)", "//evil.example", "data:text/html,x", "ftp://x"])
def test_no_web_address(text: str | None) -> None:
    assert web_address(text) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Dune", "Dune"),
        (None, "—"),
        ([], "—"),
        ({}, "—"),
        (412, "412"),
        (["a", "b"], "a, b"),
        ([{"name": "Frank", "number": 1}, {"name": "Anna", "role": "translator"}], "Frank, Anna (translator)"),
        ({"goodreads": ["1", "2"], "lc_naf": ["n1"]}, "goodreads: 1, 2; lc naf: n1"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_any_value_in_words(value: Any, text: str) -> None:
    assert in_words(value) == text


def test_words() -> None:
    assert (count_of(1, "edition"), count_of(1200, "edition")) == ("1 edition", "1,200 editions")
    assert (label("page_count"), label("original_language")) == ("Pages", "Original language")
    assert ("de", "German") in languages(None)
    assert ("grc", "Ancient Greek") not in languages("de")
    assert ("grc", "Ancient Greek") in languages("grc")


def test_a_card_shows_a_few_authors_and_the_class_that_a_title_tells() -> None:
    card = work_card({**WORK, "title": "Dune: Study Guide"}, {})
    assert ([each.name for each in card.authors], card.more_authors) == (["A 0", "A 1", "A 2", "A 3"], 2)
    assert card.facts == ["1965", "About or made of a work"]
    assert card.cover.url is None
    assert "Dune" in str(card.cover.drawn)


def test_a_drawn_cover_is_harmless() -> None:
    drawn = str(work_card({**WORK, "title": "<script>\"&'"}, {}).cover.drawn)
    assert "<script" not in drawn
    assert "style=" not in drawn


def test_a_result_shows_the_colour_of_its_cover() -> None:
    covered = {**WORK, "cover_url_small": "/covers/9780140328721/small"}
    card = result_card(covered, None, 3, ["en", "de", "fr", "it", "es"], {"9780140328721": "#336699"})
    assert card.cover.colour == "#336699"
    assert card.facts == ["1965", "3 editions", "English, German, French, Italian and 1 more"]


@pytest.mark.parametrize("url", [None, "", "https://elsewhere.example/covers/9780140328721/small", "/covers/x/small"])
def test_covers_that_are_not_ours(url: str | None) -> None:
    assert isbn_in(url) is None


def explanation(**changed: Any) -> Explanation:
    told = {"value": "A life.", "provider": "wikipedia", "source": "self", "said_at": "2026-01-02T03:04:05Z",
            "licence": "attribution", "rule": "precedence", "also": [], "losers": []}  # fmt: skip
    return Explanation(**{**told, **changed})


def test_a_text_that_asks_for_it_is_credited() -> None:
    told = {"bio": explanation(), "metadata": explanation(value={"bio_licence": "CC BY-SA 4.0"})}
    found = credit(told, "bio", "https://en.wikipedia.org/wiki/X")
    assert found
    assert (found.name, found.url, found.licence) == ("Wikipedia", "https://en.wikipedia.org/wiki/X", "CC BY-SA 4.0")
    assert credit({"bio": explanation(licence="open")}, "bio", None) is None
    assert credit({}, "bio", None) is None


def test_rows_name_who_said_it_and_what_gave_way() -> None:
    losing = Claim("isbndb", "self", None, "proprietary", "Less.")
    [row] = rows({"bio": explanation(losers=[losing], provider="user", source="key7", rule="locked")})
    assert (row.label, row.best.provider, row.best.source, row.best.on) == (
        "Biography", "a person", "key7", "2026-01-02",
    )  # fmt: skip
    assert (row.rule, row.losers[0].provider, row.losers[0].value) == (RULES["locked"], "ISBNdb", "Less.")
