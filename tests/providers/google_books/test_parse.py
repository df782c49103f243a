"""Google's volumes, recorded and spoiled: every oddity that is known becomes a clean answer."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.errors import Malformed
from alexandria.providers.google_books.client import read_isbn, read_search
from alexandria.providers.google_books.parse import read_volume
from alexandria.providers.google_books.wire import VolumeWire
from alexandria.providers.provider import Found, NotFound
from tests.providers.mutations import mutated, replied

ISBN = 9780062132345


def volume(**info: Any) -> EditionAnswer:
    return read_volume(msgspec.convert({"id": "wNPnl5zYA-cC", "volumeInfo": info}, VolumeWire))


def identified(*pairs: tuple[str, str]) -> EditionAnswer:
    return volume(industryIdentifiers=[{"type": scheme, "identifier": value} for scheme, value in pairs])


@pytest.fixture(scope="session")
def shelf(fixtures_dir: Path) -> dict[str, EditionAnswer]:
    """All recorded volumes by their id."""
    wires = [
        msgspec.json.decode(path.read_bytes(), type=VolumeWire)
        for path in sorted((fixtures_dir / "googlebooks" / "volumes").glob("*.json"))
    ]
    return {wire.id: read_volume(wire) for wire in wires}


# --- recorded -------------------------------------------------------------------------------------------------


def test_an_item_of_a_list(shelf: dict[str, EditionAnswer]) -> None:
    answer = shelf["wNPnl5zYA-cC"]
    assert answer.isbns == (ISBN,)
    assert (answer.title, answer.subtitle) == (
        "Freakonomics", "A Rogue Economist Explores the Hidden Side of Everything"
    )  # fmt: skip
    assert answer.authors == (Person("Steven D. Levitt"), Person("Stephen J. Dubner"))
    assert (answer.publisher, answer.publication_date, answer.page_count) == ("Harper Collins", "2011-09-20", 352)
    assert (answer.language, answer.subjects) == ("en", ("Business & Economics",))
    assert answer.identifiers == {"google": ("wNPnl5zYA-cC",)}
    assert answer.cover_url == (
        "https://books.google.com/books/content?id=wNPnl5zYA-cC&printsec=frontcover&img=1&zoom=1&source=gbs_api"
    )


def test_a_single_volume_says_more(shelf: dict[str, EditionAnswer]) -> None:
    answer = shelf["QltiDwAAQBAJ"]
    assert answer.subjects == (
        "Juvenile Nonfiction", "People & Places", "Caribbean & Latin America", "Social Science",
        "Customs, Traditions, Anthropology",
    )  # fmt: skip
    assert answer.description is not None
    assert "<" not in answer.description
    assert answer.cover_url is not None
    assert "zoom=6" in answer.cover_url  # the largest


def test_everything_but_the_title_may_be_missing(shelf: dict[str, EditionAnswer]) -> None:
    answer = shelf["dcBAP89ViNkC"]
    assert answer.title == "F. Scott Fitzgerald's the Great Gatsby"
    assert (answer.isbns, answer.authors, answer.publication_date, answer.page_count) == ((), (), None, None)


def test_every_recorded_volume_is_read(shelf: dict[str, EditionAnswer]) -> None:
    assert len(shelf) >= 38
    for name, answer in shelf.items():
        assert answer.title
        assert answer.identifiers["google"] == (name,)
        assert set(answer.identifiers) == {"google"}  # the rest are shelf marks of single libraries
        assert "edge=" not in (answer.cover_url or "")
        assert len(answer.isbns) <= 1  # the short form is the same one


def test_recorded_lists(fixtures_dir: Path) -> None:
    folder = fixtures_dir / "googlebooks" / "lists"
    for path in sorted(folder.glob("*.json")):
        volumes, note = read_search(replied(path.read_bytes()))
        assert len(volumes) == note.found == len(json.loads(path.read_text())["items"])
    found, note = read_isbn(replied((folder / "isbn.json").read_bytes()), ISBN)
    assert isinstance(found, Found)
    assert (found.record, note.found) == ("wNPnl5zYA-cC", 1)
    found, _ = read_isbn(replied((folder / "isbn_japanese.json").read_bytes()), 9784815602666)
    assert isinstance(found, Found)
    assert (found.answer.language, found.answer.publication_date) == ("ja", "2020-11")
    assert read_isbn(replied((folder / "isbn.json").read_bytes()), 9784815602666)[0] == NotFound()
    empty = (folder / "empty_result_items_present.json").read_bytes()
    assert read_isbn(replied(empty), ISBN)[0] == NotFound()


# --- single fields --------------------------------------------------------------------------------------------


def test_isbns_in_either_form() -> None:
    assert identified(("ISBN_10", "0062132342")).isbns == (ISBN,)
    assert identified(("ISBN_13", str(ISBN)), ("ISBN_10", "0062132342")).isbns == (ISBN,)
    assert identified(("ISBN_13", "9780062132340"), ("OTHER", f"X:{ISBN}"), ("ISSN", "9780062132345")).isbns == ()


def test_numbers_that_others_use_too() -> None:
    answer = identified(
        ("OTHER", "OCLC:00123456"), ("OTHER", "UOM:39015001670408"), ("OTHER", "BL:A0017"), ("ISSN", "0317-8471"),
        ("OTHER", "nothing"), ("OTHER", "OCLC:123456"),
    )  # fmt: skip
    assert answer.identifiers == {"google": ("wNPnl5zYA-cC",), "oclc": ("123456",), "issn": ("0317-8471",)}


def test_ids_that_differ_in_case_only_are_different() -> None:
    ids = ["PNJZAAAAcAAJ", "pnJZAAAAcAAJ", "PnJZAAAAcAAJ"]
    found = [read_volume(VolumeWire(each)).identifiers["google"] for each in ids]
    assert found == [(each,) for each in ids]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1984", "1984"),
        ("1984-05", "1984-05"),
        ("1984-05-31", "1984-05-31"),
        ("19??", "19??"),
        ("1984-", "1984"),
        ("1922*", "1922"),
        ("199?", "199?"),
        ("", None),
        ("n.d.", None),
        (None, None),
    ],
)
def test_dates(text: str | None, expected: str | None) -> None:
    assert volume(publishedDate=text).publication_date == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("en", "en"), ("zh-CN", "zh"), ("un", None), ("pt-BR", "pt"), (None, None)]
)
def test_languages(text: str | None, expected: str | None) -> None:
    assert volume(language=text).language == expected


@pytest.mark.parametrize(("count", "expected"), [(352, 352), (0, None), (-1, None), (10**9, None), (None, None)])
def test_page_counts(count: int | None, expected: int | None) -> None:
    assert volume(pageCount=count).page_count == expected


def test_texts_are_clean() -> None:
    answer = volume(
        title="Q &amp; A",
        publisher='"Springer"',
        description="<p>One<br>two</p><p>three</p>",
        authors=["A B", None, "a b"],
    )
    assert (answer.title, answer.publisher, answer.description) == ("Q & A", "Springer", "One\ntwo\n\nthree")
    assert answer.authors == (Person("A B"),)
    assert volume(authors=["Jean DUPONT"]).authors == (Person("Jean DUPONT"),)  # as it is said: others know better
    assert volume(printType="MAGAZINE").metadata == {"print_type": "magazine"}
    assert volume(printType="BOOK").metadata == {}


PICTURE = "https://books.google.com/books/content?id=x&img=1&zoom=1"


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ({"thumbnail": "http://books.google.com/books/content?id=x&img=1&zoom=1&edge=curl&imgtk=hunter2"}, PICTURE),
        ({"smallThumbnail": f"{PICTURE}&key=hunter2"}, PICTURE),
        ({"smallThumbnail": "https://a.org/s", "extraLarge": PICTURE}, PICTURE),
        ({"extraLarge": "javascript:alert(1)", "large": "", "medium": "https://[", "small": PICTURE}, PICTURE),
        ({"small": "https://me:hunter2@books.google.com/a"}, "https://books.google.com/a"),
        ({"small": "https://a.org:99999999/"}, None),
        ({"small": "https://a.org/\u00e9 x"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_pictures_have_no_decoration_and_no_token(links: dict[str, str] | None, expected: str | None) -> None:
    answer = volume(imageLinks=links)
    assert answer.cover_url == expected
    assert "hunter2" not in repr(answer)


# --- spoiled --------------------------------------------------------------------------------------------------

VOLUME = {
    "kind": "books#volume",
    "id": "wNPnl5zYA-cC",
    "etag": "x",
    "volumeInfo": {
        "title": "Freakonomics", "subtitle": "x", "authors": ["Steven D. Levitt"], "publisher": "Harper",
        "publishedDate": "2011-09-20", "description": "<p>x</p>", "pageCount": 352, "printType": "BOOK",
        "industryIdentifiers": [{"type": "ISBN_13", "identifier": str(ISBN)}, {"type": "OTHER", "identifier": "UOM:1"}],
        "categories": ["A / B"], "language": "en", "imageLinks": {"thumbnail": "http://books.google.com/x?id=1"},
    },
}  # fmt: skip
LIST = json.dumps({"kind": "books#volumes", "totalItems": 1, "items": [VOLUME, VOLUME]})


@given(mutated(LIST))
def test_a_spoiled_list_is_an_answer_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        found, _ = read_isbn(replied(body), ISBN)
        assert found == NotFound() or (isinstance(found, Found) and ISBN in found.answer.isbns)
    with suppress(Malformed):
        volumes, note = read_search(replied(body))
        assert note.found == len(volumes)
        msgspec.json.encode([each.answer for each in volumes])


@given(st.binary(max_size=40))
def test_no_body_makes_it_fall(body: bytes) -> None:
    with suppress(Malformed):
        read_isbn(replied(body), ISBN)
