"""ISBNdb's books, recorded and spoiled: every oddity that is known becomes a clean answer."""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.enrichment.answers import fields_of
from alexandria.errors import Malformed
from alexandria.providers.isbndb.names import read_names
from alexandria.providers.isbndb.parse import _bare_address, _picture, read_book
from alexandria.providers.isbndb.reading import read_batch, read_key, read_one, read_page
from alexandria.providers.isbndb.wire import BookWire
from alexandria.providers.provider import Found, NotFound
from tests.providers.mutations import mutated, replied

ISBN = 9781338878929


def book(**fields: Any) -> EditionAnswer:
    return read_book(msgspec.json.decode(msgspec.json.encode(fields), type=BookWire))


def recorded(folder: Path, name: str) -> Any:
    return json.loads((folder / "isbndb" / name).read_text())


@pytest.fixture(scope="session")
def shelf(fixtures_dir: Path) -> dict[str, Any]:
    """All recorded books by ISBN."""
    found = [recorded(fixtures_dir, f"responses/book{name}.json")["book"] for name in ("", "_hp_2024", "_jujutsu_2023")]
    for name, key in (("author", "books"), ("books", "books"), ("search_books", "data")):
        found += recorded(fixtures_dir, f"responses/{name}.json")[key]
    found += map(json.loads, (fixtures_dir / "isbndb" / "dump_lines.jsonl").read_text().splitlines())
    return {each["isbn13"]: each for each in found}


# --- recorded -------------------------------------------------------------------------------------------------


def test_a_book_of_the_present(shelf: dict[str, Any]) -> None:
    answer = book(**shelf["9781338878929"])
    assert answer.isbns == (ISBN,)
    assert (answer.title, answer.subtitle) == ("Harry Potter and the Sorcerer's Stone", None)
    assert answer.authors == (Person("J.K. Rowling"),)
    assert (answer.publisher, answer.publication_date, answer.page_count) == ("Scholastic", "1998-09", 309)
    assert (answer.format, answer.language) == ("paperback", "en")
    assert answer.description is not None
    assert "<br" not in answer.description
    assert "\n" in answer.description
    assert "Fantasy & Magic" in answer.subjects
    assert not {"Self Service", "Custom Stores"} & set(answer.subjects)  # shelves of a shop
    assert answer.cover_url == "https://images.isbndb.com/covers/19044733482664.jpg"
    assert answer.metadata == {"binding": "Paperback", "edition": "1"}


def test_a_price_that_is_a_number_is_no_matter(shelf: dict[str, Any]) -> None:
    answer = book(**shelf["9781974710027"])
    assert answer.authors == (Person("Gege Akutami"),)
    assert answer.publication_date == "2019-12-03"
    assert answer.metadata["edition"] == "Illustrated"


def test_a_line_of_the_dump(shelf: dict[str, Any]) -> None:
    answer = book(**shelf["9780000001566"])
    assert answer.publication_date == "2015"  # a bare number
    assert answer.cover_url == "https://images.isbndb.com/covers/15/66/9780000001566.jpg"  # was Https://
    assert answer.page_count == 97  # stood in the dimensions
    assert answer.subjects == ()  # "PQ", "878"
    assert answer.isbns == (9780000001566,)
    assert book(**shelf["9780000002259"]).authors == (Person("田中 卓也"),)  # was marked ~autofilled~


def test_a_book_of_former_times(shelf: dict[str, Any]) -> None:
    answer = book(**shelf["9780857284662"])
    assert (answer.title, answer.publisher, answer.page_count) == ("Charlotte Bronte", None, None)  # pages: []
    assert (answer.publication_date, answer.format) == ("2014-01", "hardcover")
    answer = book(**shelf["9783882704501"])
    assert answer.authors == (Person("Charlotte Posenenske"),)
    assert (answer.language, answer.page_count) == ("de", 84)
    assert answer.description is not None  # synopsys
    assert "N6888.P67 A4 1990" not in answer.subjects
    assert book(**shelf["9783640811786"]).subjects == ("Language Arts & Disciplines",)


def test_every_recorded_book_has_a_title_and_its_isbn(shelf: dict[str, Any]) -> None:
    assert len(shelf) >= 60
    for isbn, wire in shelf.items():
        answer = book(**wire)
        assert answer.isbns == (int(isbn),)
        assert answer.title
        assert all("~" not in person.name and "," not in person.name for person in answer.authors)


def test_recorded_pages(fixtures_dir: Path) -> None:
    for name in ("author", "books", "search_books"):
        body = (fixtures_dir / "isbndb" / "responses" / f"{name}.json").read_bytes()
        page, note = read_page(replied(body), 1)
        assert len(page.editions) == note.found
        assert len(page.editions) >= 19
        assert page.unread == 0
        assert page.more is (name != "author")  # no total, and less than a page
    empty, _ = read_page(replied((fixtures_dir / "isbndb" / "responses" / "subject.json").read_bytes()), 1)
    assert (empty.editions, empty.more) == ((), False)


def test_the_documented_batch(fixtures_dir: Path, shelf: dict[str, Any]) -> None:
    shape = recorded(fixtures_dir, "post_books_shape_documented.json")
    asked = [int(isbn) for isbn in shape["documented_request"]["json"]["isbns"]]
    answer = {**shape["documented_response_shape"], "data": [shelf[str(isbn)] for isbn in reversed(asked[:2])]}
    batch, note = read_batch(replied(msgspec.json.encode(answer)), asked, True)
    assert [type(batch.answers[isbn]) for isbn in asked] == [Found, Found, NotFound]
    assert (note.charged, note.found) == (3, 2)
    for isbn in asked[:2]:
        found = batch.answers[isbn]
        assert isinstance(found, Found)
        assert found.record == str(isbn)
        assert isbn in found.answer.isbns


# --- single fields --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        (["Roald Dahl"], ["Roald Dahl"]),
        (["Dahl, Roald"], ["Roald Dahl"]),
        (["Smith", "Frank"], ["Frank Smith"]),  # one name, broken at the comma
        (["Mew", None, "Charlotte"], ["Charlotte Mew"]),
        (["Greater Charlotte Club", "Charlotte"], ["Greater Charlotte Club", "Charlotte"]),
        (["Orvig", "Glen Martin", "Ron Jenson"], ["Orvig", "Glen Martin", "Ron Jenson"]),
        (["Plato"], ["Plato"]),
        ([None, "", " , ", "~autofilled~"], []),
        (["田中 卓也 ~autofilled~"], ["田中 卓也"]),
        (["Posenenske, Charlotte."], ["Charlotte Posenenske"]),
        (["Allen, Charlotte Vale , 1941-"], ["Charlotte Vale Allen"]),
        (["Brontë, Charlotte, 1816-1855."], ["Charlotte Brontë"]),
        (["King, Martin Luther, Jr."], ["Martin Luther King Jr."]),
        (["Sammy Davis, Jr."], ["Sammy Davis, Jr."]),
        (["Hodder & Stoughton, Ltd."], ["Hodder & Stoughton, Ltd."]),
        (["Allen, Charlotte; Allen, Erica V."], ["Charlotte Allen", "Erica V. Allen"]),
        (["Charlotte Brontë", "CHARLOTTE BRONTE"], ["Charlotte Brontë"]),
        (["Ben &amp; Jerry"], ["Ben & Jerry"]),
        ({"0": "A B", "1": "C D"}, ["A B", "C D"]),  # a list sent as an object
    ],
)
def test_names(authors: Any, expected: list[str]) -> None:
    assert [person.name for person in book(authors=authors).authors] == expected


@given(st.lists(st.none() | st.text(max_size=60), max_size=5))
def test_names_are_clean_whatever_comes(texts: list[str | None]) -> None:
    for name in read_names(texts):
        assert name == " ".join(name.split())
        assert any(character.isalpha() for character in name)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2015, "2015"),
        ("2015", "2015"),
        ("2015-03", "2015-03"),
        ("2015-03-09", "2015-03-09"),
        ("2015-03-09t00:00:01z", "2015-03-09"),
        ("2015-03-09T00:00:01Z", "2015-03-09"),
        ("January 2014", "2014-01"),
        ("ca. 1560", "ca. 1560"),
        ("199-", "199-"),
        ("2015-02-31", "2015-02"),
        ("", None),
        (0, None),
        (-5, None),
        ("soon", None),
        ("0000-00-00", None),
        ("9" * 5000, None),
    ],
)
def test_dates(value: str | int, expected: str | None) -> None:
    assert book(date_published=value).publication_date == expected
    assert book(date_published="", publish_date=value).publication_date == expected  # the older duplicate


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"pages": 309}, 309),
        ({"pages": "309"}, 309),
        ({"pages": []}, None),
        ({"pages": 0}, None),
        ({"pages": -1}, None),
        ({"pages": 10**9}, None),
        ({"pages": "9" * 5000}, None),
        ({"dimensions": "97 p."}, 97),
        ({"dimensions": "84 p. : chiefly ill. ; 24 cm."}, 84),
        ({"dimensions": "Height: 7.5 Inches, Length: 5 Inches"}, None),
        ({"dimensions": "97 p.", "pages": 98}, 98),
    ],
)
def test_page_counts(fields: dict[str, Any], expected: int | None) -> None:
    assert book(**fields).page_count == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"binding": "Hardcover"}, "hardcover"),
        ({"binding": "Mass Market Paperback"}, "paperback"),
        ({"binding": "Kindle Edition"}, "ebook"),
        ({"binding": "Audio CD"}, "audiobook"),
        ({"binding": "Plastic Comb"}, None),
        ({"binding": "", "format": "Paperback - German"}, "paperback"),
        ({"format": "Paperbound"}, "paperback"),
        ({}, None),
    ],
)
def test_formats(fields: dict[str, Any], expected: str | None) -> None:
    assert book(**fields).format == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("en", "en"), ("eng", "en"), ("Fr", "fr"), ("English", "en"), ("ger German", "de"), ("", None), ("x", None)],
)
def test_languages(text: str, expected: str | None) -> None:
    assert book(language=text).language == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://images.isbndb.com/covers/1.jpg", "https://images.isbndb.com/covers/1.jpg"),
        ("Https://images.isbndb.com/covers/1.jpg", "https://images.isbndb.com/covers/1.jpg"),
        ("https://images.isbndb.com/1.jpg?X-Amz-Signature=hunter2#x", "https://images.isbndb.com/1.jpg"),
        ("https://me:hunter2@images.isbndb.com/1.jpg", "https://images.isbndb.com/1.jpg"),
        ("javascript:alert(1)", None),
        ("//images.isbndb.com/1.jpg", None),
        ("https://", None),
        ("https://[", None),
        ("https://a.org:99999999/", None),
        ("https://a.org/1 2.jpg", None),
        ("", None),
    ],
)
def test_pictures_have_no_token(url: str, expected: str | None) -> None:
    answer = book(image=url, image_original="https://images.isbndb.com/original.jpg?token=hunter2")
    assert answer.cover_url == expected
    assert "hunter2" not in repr(answer)
    assert answer.passing_cover is not None
    assert answer.passing_cover.url.endswith("hunter2")
    assert "passing_cover" not in fields_of(answer)
    assert book(image_original="https://images.isbndb.com/original.jpg?token=hunter2").cover_url is None


@given(
    st.builds("http{}://{}{}".format, st.sampled_from(["", "s"]), st.text("aZ.-@:[]0189/?#"), st.text('a%;/?#"\\ ü:@~'))
)
def test_plain_addresses_are_read_as_others_are(url: str) -> None:
    assert _picture(url) == _bare_address(url.strip())


def test_isbns_are_those_of_the_book_itself() -> None:
    answer = book(
        isbn="0140328726", isbn13="978-1-338-87892-9", isbn10="1338878921", other_isbns=[{"isbn": "0140328726"}]
    )
    assert answer.isbns == (ISBN,)
    assert answer.metadata["other_isbns"] == ["9780140328721"]
    assert book(isbn10="1338878921").isbns == (ISBN,)
    assert book(isbn="1338878921").isbns == ()  # its meaning changed once: not believed
    assert book(isbn13="9781338878920").isbns == ()
    assert book(other_isbns={"0": {"isbn": "0140328726", "binding": "x"}, "1": {}}).metadata["other_isbns"]


def test_titles_and_texts_are_clean() -> None:
    answer = book(title=" Q &amp;\u0000 A ", publisher="<b>Puffin</b>", overview="<p>One</p><p>Two</p>")
    assert (answer.title, answer.publisher, answer.description) == ("Q & A", "Puffin", "One\n\nTwo")
    assert book(title="", title_long="Dream Train").title == "Dream Train"
    assert book(title="Dream Train", title_long="Dream Train: A Novel").subtitle == "A Novel"
    assert book(title="Dream", title_long="Dream Train").subtitle is None
    assert len(book(title="long " * 1000).title or "") <= 1000
    assert len(book(synopsis="long " * 10_000).description or "") <= 20_000


def test_subjects_of_all_vocabularies() -> None:
    subjects = [
        "Fiction",
        "FICTION",
        "JUVENILE_FICTION",
        "Custom Stores",
        "PR4167.J33 C4 2007",
        "823/.8",
        "U2 (Group)",
        None,
    ]
    assert book(subjects=subjects).subjects == ("Fiction", "Juvenile fiction", "U2 (Group)")
    assert book(subjects={"0": "Fiction"}).subjects == ("Fiction",)
    assert book(dewey_decimal="813.54").metadata == {"dewey": ["813.54"]}
    assert book(dewey_decimal=["813", None, "814"]).metadata == {"dewey": ["813", "814"]}


def test_nothing_is_said_of_nothing() -> None:
    assert book() == EditionAnswer()


# --- spoiled --------------------------------------------------------------------------------------------------

BOOK = {
    "title": "The Fox", "title_long": "The Fox: A Tale", "isbn13": str(ISBN), "isbn10": "1338878921",
    "publisher": "Puffin", "authors": ["Dahl, Roald", None], "language": "en", "date_published": "1988-10-01",
    "edition": "1", "pages": 96, "dimensions": "97 p.", "binding": "Paperback", "image": "https://a.org/1.jpg",
    "synopsis": "<p>A fox.</p>", "subjects": ["Foxes"], "dewey_decimal": ["823"], "other_isbns": [{"isbn": "x"}],
}  # fmt: skip
TOKEN = re.compile(r"\?|#")


@given(mutated(json.dumps({"book": BOOK})))
def test_a_spoiled_book_is_an_answer_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        found, _ = read_one(replied(body), ISBN)
        assert isinstance(found, Found)
        assert ISBN in found.answer.isbns
        assert not TOKEN.search(found.answer.cover_url or "")
        msgspec.json.encode(found.answer)


@given(mutated(json.dumps({"total": 1, "requested": 2, "data": [BOOK]})))
def test_a_spoiled_batch_answers_for_each_isbn_or_is_malformed(body: bytes) -> None:
    asked = [ISBN, 9780140328721]
    with suppress(Malformed):
        batch, note = read_batch(replied(body), asked, True)
        assert sorted([*batch.answers, *batch.failures]) == sorted(asked)
        assert note.charged is None or note.charged >= 0
        assert all(isinstance(failure, Malformed) for failure in batch.failures.values())


@given(mutated(json.dumps({"total": 1, "books": [BOOK, BOOK]})), st.integers(1, 100))
def test_a_spoiled_page_is_a_page_or_malformed(body: bytes, number: int) -> None:
    with suppress(Malformed):
        page, _ = read_page(replied(body), number)
        assert all(found.answer.isbns for found in page.editions)


LIMIT = {"total": 1000, "spent": 10, "left": 990, "key_total": 50, "key_spent": 1, "key_left": 49, "limited_by": "key"}


@given(mutated(json.dumps({"api_host": "api2.isbndb.com", "plan_name": "basic", "plan_limit": LIMIT})))
def test_a_spoiled_key_is_an_allowance_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        allowance, note = read_key(replied(body))
        assert allowance.left == note.remaining
        assert note.remaining is None or note.remaining >= 0


@given(mutated(json.dumps({"message": "Book not found"})))
def test_a_spoiled_absence_is_one_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        assert read_one(replied(body, 404), ISBN)[0] == NotFound()
