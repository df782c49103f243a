"""Open Library's mess is the normal case: every shape in providers.md 4 becomes a clean record."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.openlibrary import TYPES, decode_wire, read_record
from alexandria.biblio.records import Author, Edition, Redirect, Work, completeness


def edition(**fields: Any) -> Edition:
    record = read_record("/books/OL7M", decode_wire(json.dumps(fields).encode(), TYPES["/type/edition"]))
    assert isinstance(record, Edition)
    return record


def work(**fields: Any) -> Work:
    record = read_record("/works/OL7W", decode_wire(json.dumps(fields).encode(), TYPES["/type/work"]))
    assert isinstance(record, Work)
    return record


def author(**fields: Any) -> Author:
    record = read_record("/authors/OL7A", decode_wire(json.dumps(fields).encode(), TYPES["/type/author"]))
    assert isinstance(record, Author)
    return record


def test_a_plain_edition() -> None:
    found = edition(
        title="Fantastic Mr. Fox",
        works=[{"key": "/works/OL45804W"}],
        authors=[{"key": "/authors/OL34184A"}],
        isbn_10=["0140328726"],
        isbn_13=["9780140328721"],
        publishers=["Puffin"],
        publish_date="October 1, 1988",
        languages=[{"key": "/languages/eng"}],
        number_of_pages=96,
        physical_format="Mass Market Paperback",
        covers=[8739161],
    )
    assert (found.number, found.work, found.authors, found.isbns) == (7, 45804, (34184,), (9780140328721,))
    assert (found.year, found.pages, found.format, found.language) == (1988, 96, "paperback", "en")
    assert found.details == {"covers": [8739161]}
    assert completeness(found) == 75


@pytest.mark.parametrize(
    ("fields", "attribute", "expected"),
    [
        ({"isbn_10": ["1891843249\t1891843214"]}, "isbns", (9781891843242, 9781891843211)),
        ({"isbn_13": ["0140328726"]}, "isbns", (9780140328721,)),
        ({"isbn_10": ["9780140328721"], "isbn_13": ["0-14-032872-6 (pbk.)"]}, "isbns", (9780140328721,)),
        ({"isbn_10": ["0140328727", "", None, 5]}, "isbns", ()),
        ({"isbn_10": "0140328726"}, "isbns", (9780140328721,)),
        ({"number_of_pages": 0}, "pages", None),
        ({"number_of_pages": "96"}, "pages", 96),
        ({"number_of_pages": [96]}, "pages", None),
        ({"number_of_pages": 96.0}, "pages", 96),
        ({"number_of_pages": 10**9}, "pages", None),
        ({"number_of_pages": -4}, "pages", None),
        ({"publish_date": ""}, "publish_date", None),
        ({"publish_date": 1998}, "publish_date", "1998"),
        ({"publish_date": "[1998?]"}, "year", 1998),
        ({"publishers": ["", "Puffin"]}, "publisher", "Puffin"),
        ({"publishers": "Puffin"}, "publisher", "Puffin"),
        ({"title": "  Two \u0000\r\n spaces  "}, "title", "Two spaces"),
        ({"title": "Hobbit", "title_prefix": "The "}, "title", "The Hobbit"),
        ({"title": "The Hobbit", "title_prefix": "The "}, "title", "The Hobbit"),
        ({"full_title": "Only here"}, "title", "Only here"),
        ({"title": {"type": "/type/text", "value": "As text"}}, "title", "As text"),
        ({"works": [{"key": "/works/OL1W"}, {"key": "/works/OL2W"}]}, "work", 1),
        ({"works": []}, "work", -7),
        ({"works": [None, {}]}, "work", -7),
        ({"works": [{"key": "/works/nonsense"}]}, "work", -7),
        ({"authors": [{"key": "/authors/OL2A"}, {"key": "/authors/OL1A"}] * 300}, "authors", (2, 1)),
        ({"authors": [{"author": {"key": "/authors/OL2A"}}]}, "authors", (2,)),
        ({"authors": [{"author": "/authors/OL2A"}, "/authors/OL3A", 4, None]}, "authors", (2, 3)),
        ({"languages": [{"key": "/languages/und"}, {"key": "/languages/ger"}]}, "language", "de"),
        ({"physical_format": "Spiral-bound"}, "format", None),
        ({"physical_format": "Hardcover"}, "format", "hardcover"),
        ({"physical_format": "Kindle Edition"}, "format", "ebook"),
        ({"physical_format": "Audio CD"}, "format", "audiobook"),
    ],
)
def test_messy_fields(fields: dict[str, Any], attribute: str, expected: object) -> None:
    assert getattr(edition(**fields), attribute) == expected


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        ({"description": "One\r\nTwo"}, "description", "One\nTwo"),
        ({"description": {"type": "/type/text", "value": "Long"}}, "description", "Long"),
        ({"description": {"value": None}}, "description", None),
        ({"covers": [-1]}, "covers", None),
        ({"covers": [None, 5, -1, 6]}, "covers", [5, 6]),
        ({"subjects": ["Foxes", "", None, "Foxes "]}, "subjects", ["Foxes"]),
        ({"subjects": {"0": "Foxes", "1": "Hens"}}, "subjects", ["Foxes", "Hens"]),
        ({"identifiers": {"goodreads": ["1507552"]}, "oclc_numbers": ["1"]}, "identifiers",
         {"goodreads": ["1507552"], "oclc": ["1"]}),
        ({"identifiers": {}}, "identifiers", None),
        ({"identifiers": {"goodreads": "1507552"}}, "identifiers", {"goodreads": ["1507552"]}),
        ({"identifiers": []}, "identifiers", None),
        ({"contributors": [{"role": "Translator", "name": "C. Garnett"}], "contributions": ["Smith, J., ill."]},
         "contributors", [{"name": "C. Garnett", "role": "Translator"}, {"name": "Smith, J., ill.", "role": None}]),
        ({"publishers": ["A", "B"]}, "publishers", ["A", "B"]),
        ({"publishers": ["A"]}, "publishers", None),
        ({"physical_format": "Spiral-bound"}, "physical_format", "Spiral-bound"),
        ({"ocaid": " fantasticmrfox00dahl "}, "identifiers", {"ocaid": ["fantasticmrfox00dahl"]}),
        ({"table_of_contents": [{"level": 0}], "source_records": ["x"]}, "table_of_contents", None),
    ],
)  # fmt: skip
def test_details(fields: dict[str, Any], name: str, expected: object) -> None:
    assert edition(**fields).details.get(name) == expected


@pytest.mark.parametrize(
    "authors",
    [
        [{"type": "/type/author_role", "author": {"key": "/authors/OL2A"}}],
        [{"type": {"key": "/type/author_role"}, "author": {"key": "/authors/OL2A"}, "role": "x"}],
        [{"author": "/authors/OL2A"}],
        [{"key": "/authors/OL2A"}],
        [{"type": "/type/author_role"}, {"author": {"key": "/authors/OL2A"}}],
    ],
)
def test_authors_of_a_work(authors: list[Any]) -> None:
    assert work(title="x", authors=authors).authors == (2,)


def test_an_author_with_free_text_dates() -> None:
    found = author(
        personal_name="Aesop",
        birth_date="ca. 620 B.C.",
        death_date="10 Apr 1778",
        remote_ids={"viaf": "64013451", "isni": "0000 0001 2144 9327", "odd": 5},
        bio={"type": "/type/text", "value": "A slave."},
        photos=[-1],
    )
    assert found.name == "Aesop"
    assert found.details["death_year"] == 1778
    assert found.details["identifiers"]["viaf"] == ["64013451"]
    assert found.details["bio"] == "A slave."
    assert "photos" not in found.details
    assert "personal_name" not in found.details


def test_redirects_and_deletions() -> None:
    shape = TYPES["/type/redirect"]
    found = read_record("/works/OL1W", decode_wire(b'{"location": "/works/OL2W", "covers": [1]}', shape))
    assert found == Redirect(kind="work", number=1, target=("work", 2), isbns=())  # type: ignore[arg-type]
    gone = read_record("/books/OL1M", decode_wire(b'{"isbn_10": ["0140328726"]}', shape))
    assert gone == Redirect(kind="edition", number=1, target=None, isbns=(9780140328721,))


@pytest.mark.parametrize("key", ["/works/OL1W", "/books/", "books", "", "/b/OL1M", "/books/OLxM", "/books/OL0M"])
def test_a_key_of_another_kind_is_refused(key: str) -> None:
    wire = decode_wire(b"{}", TYPES["/type/edition"])
    with pytest.raises(ValueError, match=r".+"):
        read_record(key, wire)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["key", "value", "author", "name"]) | st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", ["edition", "work", "author", "redirect"])
@given(data=st.data())
def test_no_field_can_break_a_record(kind: str, data: st.DataObject) -> None:
    shape = TYPES[f"/type/{kind}"]
    fields = data.draw(st.dictionaries(st.sampled_from(shape.__struct_fields__), VALUES))
    key = {"edition": "/books/OL7M", "work": "/works/OL7W", "author": "/authors/OL7A"}.get(kind, "/works/OL7W")
    try:
        record = read_record(key, decode_wire(json.dumps(fields).encode(), shape))
    except ValueError:
        assert kind == "redirect"  # a location that is no key; anything else must become a record
    else:
        assert record.number == 7


def test_what_the_quick_way_lets_pass_is_as_clean() -> None:
    """Each character, escaped as in dumps, behind a letter that it may compose with, and at both ends."""
    shape = TYPES["/type/edition"]
    for code in range(0x2100):
        title = f"{chr(code)}e{chr(code)}  {chr(code)}"
        raw = json.dumps({"title": title}).encode()
        wire = decode_wire(raw, shape)
        assert read_record("/books/OL7M", wire, raw) == read_record("/books/OL7M", wire), hex(code)


@pytest.mark.parametrize(
    "title", ["plain " * 300, "\u00e9 " * 900, '"' * 1_200, "one\\n two  three", "one\n two", "C:\\\\u0301 e\u0301"]
)
def test_long_and_escaped_titles_are_cleaned_alike(title: str) -> None:
    raw = json.dumps({"title": title}).encode()
    wire = decode_wire(raw, TYPES["/type/edition"])
    assert read_record("/books/OL7M", wire, raw) == read_record("/books/OL7M", wire)
