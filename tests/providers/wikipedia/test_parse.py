"""Page summaries: what is taken from them, and what is refused."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from alexandria.biblio.answers import AuthorAnswer
from alexandria.errors import BadInput, Malformed
from alexandria.net.messages import decode
from alexandria.providers.wikipedia.parse import check_item, check_language, page_url, read_summary, summary_path
from alexandria.providers.wikipedia.wire import SummaryWire
from tests.providers.open_library.mutations import mutated, replied

COMMONS = "https://upload.wikimedia.org/wikipedia/commons/c/c0/Adams.jpg"
ADAMS = {
    "type": "standard",
    "title": "Douglas Adams",
    "titles": {"canonical": "Douglas_Adams", "normalized": "Douglas Adams", "display": "<i>Douglas Adams</i>"},
    "wikibase_item": "Q42",
    "revision": "1234567890",
    "lang": "en",
    "description": "English author",
    "extract": "Douglas Noel Adams was an English author.\nHe wrote.",
    "content_urls": {"desktop": {"page": "https://en.wikipedia.org/wiki/Douglas_Adams"}, "mobile": {}},
    "originalimage": {"source": COMMONS, "width": 333, "height": 386},
    "thumbnail": {"source": "https://upload.wikimedia.org/wikipedia/commons/thumb/c/c0/Adams.jpg/276px-Adams.jpg"},
}


def read(item: str = "Q42", **changes: Any) -> AuthorAnswer | None:
    value = {name: each for name, each in {**ADAMS, **changes}.items() if each is not None}
    return read_summary(decode(replied(json.dumps(value).encode()), SummaryWire), item, "Douglas Adams", "en")


def found(**changes: Any) -> AuthorAnswer:
    answer = read(**changes)
    assert answer is not None
    return answer


def test_a_summary() -> None:
    assert found() == AuthorAnswer(
        bio="Douglas Noel Adams was an English author.\nHe wrote.",
        bio_url="https://en.wikipedia.org/wiki/Douglas_Adams",
        photo_url=COMMONS,
        identifiers={"wikidata": ("Q42",)},
        metadata={"bio_licence": "CC BY-SA 4.0", "bio_language": "en", "bio_title": "Douglas_Adams"},
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "disambiguation"},
        {"type": "no-extract"},
        {"type": "mainpage"},
        {"extract": None},
        {"extract": " \n "},
        {"wikibase_item": "Q5"},
        {"wikibase_item": None},
    ],
)
def test_pages_that_are_no_articles_say_nothing_or_are_not_known_to_be_about_the_author(
    changes: dict[str, Any],
) -> None:
    assert read(**changes) is None


def test_an_answer_that_does_not_say_what_it_is() -> None:
    with pytest.raises(Malformed):
        read(type=None)


def test_recorded_summaries_of_2017_can_be_read_but_name_no_item(fixtures_dir: Path) -> None:
    folder = fixtures_dir / "wikipedia"
    lines = [*(folder / "summaries_writers.jsonl").read_bytes().splitlines()]
    lines += (folder / "summaries_other_pages.jsonl").read_bytes().splitlines()
    lines.append((folder / "recorded" / "rest_summary_douglas_adams.json").read_bytes())
    free = set()
    for line in lines:
        wire = decode(replied(line), SummaryWire)
        with pytest.raises(Malformed, match="without a type"):
            read_summary(wire, "Q42", "x", "en")
        wire.type, wire.wikibase_item = "standard", "Q42"
        answer = read_summary(wire, "Q42", "x", "en")
        assert answer
        assert answer.bio
        assert answer.bio_url
        assert answer.bio_url.startswith("https://en.wikipedia.org/wiki/")
        picture = wire.originalimage.source if wire.originalimage else ""
        assert answer.photo_url == (picture if "/wikipedia/commons/" in picture else None)
        free.add(bool(answer.photo_url) == bool(picture))
    assert free == {True, False}, "Louis Malle's picture is not free"


@pytest.mark.parametrize("name", ["rb_page_summary_valid", "rb_page_summary_geo"])
def test_recorded_summaries_of_2018(fixtures_dir: Path, name: str) -> None:
    wire = decode(replied((fixtures_dir / "wikipedia" / "recorded" / f"{name}.json").read_bytes()), SummaryWire)
    assert read_summary(wire, "Q1", "x", "en") is None
    wire.wikibase_item = "Q1"
    answer = read_summary(wire, "Q1", "x", "en")
    assert answer
    assert answer.bio_url == (wire.content_urls and wire.content_urls.desktop and wire.content_urls.desktop.page)


@pytest.mark.parametrize(
    ("image", "thumbnail", "expected"),
    [
        (COMMONS, None, COMMONS),
        ("https://upload.wikimedia.org/wikipedia/en/a/ab/Fair_use.jpg", None, None),
        ("https://upload.wikimedia.org/wikipedia/en/a/ab/Fair_use.jpg", COMMONS, COMMONS),
        ("//upload.wikimedia.org/wikipedia/commons/c/c0/Adams.jpg", None, COMMONS),
        ("https://upload.wikimedia.org/x?/wikipedia/commons/c.jpg", None, None),
        ("file:///wikipedia/commons/c.jpg", None, None),
        ("https://me:secret@upload.wikimedia.org/wikipedia/commons/c.jpg", None, None),
        ("https://[/wikipedia/commons/c.jpg", None, None),
        ("/wikipedia/commons/c.jpg", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_only_free_pictures(image: str | None, thumbnail: str | None, expected: str | None) -> None:
    changes = {name: {"source": url} if url is not None else None for name, url in (("originalimage", image), ("thumbnail", thumbnail))}  # fmt: skip  # noqa: E501
    assert found(**changes).photo_url == expected


@pytest.mark.parametrize(
    "places",
    [None, {}, {"desktop": {}}, {"desktop": {"page": "javascript:alert(1)"}}, {"desktop": {"page": "https://a b/"}}],
)
def test_the_page_is_linked_to_even_when_its_address_is_not_told(places: Any) -> None:
    assert found(content_urls=places).bio_url == "https://en.wikipedia.org/wiki/Douglas_Adams"
    no_titles = found(content_urls=places, titles=None, title=None)
    assert no_titles.bio_url == "https://en.wikipedia.org/wiki/Douglas_Adams"


@pytest.mark.parametrize(
    ("title", "path"),
    [
        ("Douglas Adams", "Douglas_Adams"),
        ("AC/DC", "AC%2FDC"),
        ("../../w/api.php", "..%2F..%2Fw%2Fapi.php"),
        ("What? #1 & %2F", "What%3F_%231_%26_%252F"),
        ("Čapek", "%C4%8Capek"),
    ],
)
def test_titles_are_encoded_slashes_too(title: str, path: str) -> None:
    assert summary_path(title) == f"/api/rest_v1/page/summary/{path}"


@pytest.mark.parametrize("title", ["", "  ", ".", "..", "x" * 256, "é" * 128])
def test_what_is_no_title(title: str) -> None:
    with pytest.raises(BadInput):
        summary_path(title)


@pytest.mark.parametrize("language", ["", "EN", "en.evil.example/", "en@", "e", "en/", "en\n", "x" * 20, "en-"])
def test_what_is_no_language(language: str) -> None:
    with pytest.raises(BadInput):
        check_language(language)
    assert check_language("zh-min-nan") == "zh-min-nan"


@pytest.mark.parametrize("item", ["", "Q", "Q0", "42", "q42", "Q42\n", "P31", "Q٣"])
def test_what_is_no_item(item: str) -> None:
    with pytest.raises(BadInput):
        check_item(item)


def test_the_address_of_a_page() -> None:
    assert page_url("AC/DC (band)", "de") == "https://de.wikipedia.org/wiki/AC%2FDC_%28band%29"


@given(mutated(json.dumps(ADAMS)))
def test_a_damaged_summary_gives_an_answer_nothing_or_malformed(body: bytes) -> None:
    try:
        answer = read_summary(decode(replied(body), SummaryWire), "Q42", "Douglas Adams", "en")
    except Malformed:
        return
    if answer is not None:
        msgspec.json.encode(answer)
        assert answer.bio_url
