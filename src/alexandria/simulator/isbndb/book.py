"""A Book as ISBNdb tells it: fields left out, several forms for one thing, errors of its own.

The shares are chosen; what occurs at all is what providers.md 1.4 lists. A book's draw is a function of its number.
"""

from typing import Any

from alexandria.sample.words import CODES
from alexandria.simulator.catalogue import Catalogue, Edition, numbers

IMAGES = "https://images.isbndb.com"
_BINDINGS = (
    "Hardcover|Hardcover|hardback|Library Binding|Unbound|Board book|Gebundene Ausgabe|Leather Bound".split("|"),
    "Paperback|Paperback|Mass Market Paperback|Perfect Paperback|Taschenbuch|Softcover|Brossura|Spiral-bound".split(
        "|"
    ),
    "Kindle Edition|eBook|Digital|ePub|Audio CD|Audible Audiobook|PDF|Kindle Edition".split("|"),
)
_MONTHS = "January February March April May June July August September October November December".split()
_TWO_LETTERS = dict(zip(CODES, "en de fr es ru it zh ja pt pl ar he tr el ko cs".split(), strict=True))
_WORDS = {"eng": "English", "ger": "German", "fre": "French", "spa": "Spanish"}
_EDITIONS = ("1", "2nd", "Illustrated", "Mass Market Paperback", "Reprint", "First Edition")
ISO_639_3 = {
    **{code: code for code in CODES},
    "ger": "deu", "fre": "fra", "chi": "zho", "gre": "ell", "cze": "ces",
}  # fmt: skip


def render_book(
    catalogue: Catalogue, edition: Edition, *, prices: bool = False, images: str = IMAGES
) -> dict[str, Any]:
    """The JSON object of a book; fields that it lacks are left out. `images` is the address of its picture's host."""
    bits = edition.bits
    isbn, ten = str(edition.isbn), edition.isbn10
    book: dict[str, Any] = {"title": edition.title, "image": _image(images, isbn, bits)}
    if ten is None:
        book["isbn"] = book["isbn13"] = isbn
    else:
        _add_isbns(book, isbn, ten, bits)
    _add_names(book, edition)
    _add_dates(book, edition)
    _add_numbers(book, edition)
    _add_texts(book, catalogue, edition)
    if bits >> 36 & 7 == 0:
        book["other_isbns"] = [
            {"isbn": str(numbers.isbn_of(other)), "binding": _BINDINGS[other % 3][0]}
            for other in numbers.editions_of(edition.work)
            if other != edition.number
        ]
    if prices:
        book["prices"] = [{"condition": "New", "merchant": "invented.example", "price": f"{5 + bits % 40}.50"}]
    return book


def _image(images: str, isbn: str, bits: int) -> str:
    address = f"{images}/covers/{isbn[-4:-2]}/{isbn[-2:]}/{isbn}.jpg"
    return "H" + address[1:] if bits >> 3 & 31 == 0 else address


def _add_isbns(book: dict[str, Any], isbn: str, ten: str, bits: int) -> None:
    draw = bits % 32
    book["isbn"] = ten if draw < 10 else isbn
    if draw != 0:  # a record with the ISBN-10 only
        book["isbn13"] = isbn
    if draw != 31:
        book["isbn10"] = ten


def _add_names(book: dict[str, Any], edition: Edition) -> None:
    draw = edition.bits >> 8 & 63
    if draw > 3:
        book["authors"] = _authors(edition.authors, draw)
    if edition.publisher and draw != 9:
        book["publisher"] = edition.publisher
    word = edition.language if draw & 3 == 0 else _TWO_LETTERS.get(edition.language, "en")
    if draw != 12:
        book["language"] = _WORDS.get(edition.language, word) if draw & 15 == 7 else word
    binding = edition.bits >> 14 & 7
    if draw != 13:
        book["binding"] = _BINDINGS[edition.form][binding]


def _authors(names: tuple[str, ...], draw: int) -> list[str | None]:
    if draw > 20:
        return list(names)
    parts = [name.rpartition(" ") for name in names]
    if draw > 9:
        return [f"{last}, {first}" if first else last for first, _, last in parts]
    if draw > 6:
        return [part for first, _, last in parts for part in (last, first)]
    return [*names, None] if draw > 4 else [f"{name} ~autofilled~" for name in names]


def _add_dates(book: dict[str, Any], edition: Edition) -> None:
    draw, year, month = edition.bits >> 18 & 31, edition.year, edition.month
    if draw < 2:
        return
    day = f"{year}-{month:02}-{edition.day:02}"
    if draw < 4:
        book["date_published"] = year
    elif draw < 7:
        book["date_published"] = f"{day}t00:00:00z"
    elif draw < 9:
        book["date_published"] = f"{_MONTHS[month - 1]} {year}"
    else:
        book["date_published"] = str(year) if draw < 14 else f"{year}-{month:02}" if draw < 18 else day
    if draw & 7 == 5:
        book["publish_date"] = str(year)


def _add_numbers(book: dict[str, Any], edition: Edition) -> None:
    draw = edition.bits >> 24 & 31
    if draw > 2:
        book["pages"] = edition.pages
    elif draw == 2:
        book["pages"] = []
    if draw & 3 == 1:
        book["edition"] = _EDITIONS[draw % len(_EDITIONS)]
    if draw & 3 != 2:
        book["msrp"] = "0.00" if draw < 8 else 5.95 + draw if draw < 20 else f"{5 + draw}.95"
    if draw & 7 == 3:
        book["dimensions"] = "97 p." if draw == 3 else "Height: 7.5 Inches, Length: 5 Inches, Weight: 0 Pounds"
        book["dimensions_structured"] = {
            "height": {"unit": "inches", "value": 0.7},
            "length": {"unit": "inches", "value": 7.5},
            "weight": {"unit": "pounds", "value": 0},
        }
    if draw & 7 == 6:
        book["dewey_decimal"] = f"{edition.bits % 1000:03}" if draw & 8 else [f"{edition.bits % 1000:03}.{draw}"]


def _add_texts(book: dict[str, Any], catalogue: Catalogue, edition: Edition) -> None:
    draw = edition.bits >> 30 & 63
    if edition.subtitle and draw & 3:
        book["title_long"] = f"{edition.title}: {edition.subtitle}"
    elif draw & 1:
        book["title_long"] = edition.title
    if draw > 24:
        text = catalogue.words.texts[edition.text]
        book["synopsis"] = f"<b>{text}</b>".replace("\r\n", "<br/><br/>") if draw & 1 else text
    elif draw > 20:
        book["synopsys" if draw & 1 else "overview"] = catalogue.words.texts[edition.text][:300]
    if draw & 7 != 4:
        subjects = [*edition.subjects, edition.subjects[0].upper().replace(" ", "_"), "Self Service"]
        book["subjects"] = as_object(subjects) if draw == 33 else subjects


def as_object(items: list[Any]) -> dict[str, Any]:
    """A list as an object with numeric keys, as it is sent now and then."""
    return {str(place): item for place, item in enumerate(items)}
