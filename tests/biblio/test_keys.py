"""Keys: every form in, one form out, and no number means two things."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.keys import MINTED, Key, Kind, format_key, ol_number, own_work, parse_key
from alexandria.errors import BadInput

FOLDERS = {"edition": "books", "work": "works", "author": "authors"}

open_library_keys = st.tuples(st.sampled_from(["edition", "work", "author"]), st.integers(1, MINTED - 1))
works_without_a_key = st.tuples(st.just("work"), st.integers(1 - MINTED, -1))
minted_keys = st.tuples(st.sampled_from(["work", "author"]), st.integers(MINTED + 1, 2 * MINTED - 1))
keys = st.one_of(open_library_keys, works_without_a_key, minted_keys).map(lambda pair: Key(*pair))  # type: ignore[arg-type]


@given(keys)
def test_every_key_survives_the_round_trip(key: Key) -> None:
    written = format_key(key.kind, key.number)
    folder = FOLDERS[key.kind]
    for form in (
        written,
        written.lower(),
        f" {written}\n",
        f"/{folder}/{written}",
        f"{folder}/{written}",
        f"https://openlibrary.org/{folder}/{written}",
        f"http://www.openlibrary.org/{folder}/{written}/A_title?edition=1#top",
        f"openlibrary.org/{folder}/{written}.json",
    ):
        assert parse_key(form) == key
        assert parse_key(form, key.kind) == key


@given(keys, keys)
def test_no_two_keys_are_written_alike(one: Key, other: Key) -> None:
    assert (format_key(one.kind, one.number) == format_key(other.kind, other.number)) == (one == other)


@given(open_library_keys)
def test_numbers_of_dump_keys(key: tuple[Kind, int]) -> None:
    kind, number = key
    assert ol_number(f"/{FOLDERS[kind]}/{format_key(kind, number)}") == number


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("OL7353617M", Key("edition", 7353617)),
        ("/books/OL7353617M", Key("edition", 7353617)),
        ("/editions/ol0007353617m", Key("edition", 7353617)),
        ("OL45804W", Key("work", 45804)),
        ("/authors/OL34184A", Key("author", 34184)),
        ("https://openlibrary.org/works/OL45804W/Fantastic_Mr_Fox", Key("work", 45804)),
        ("AXE7353617W", Key("work", -7353617)),
        ("AX12W", Key("work", MINTED + 12)),
        ("/authors/AX12A", Key("author", MINTED + 12)),
    ],
)
def test_wire_forms(text: str, key: Key) -> None:
    assert parse_key(text) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OL",
        "OL0M",
        "OL1X",
        "OL1",
        "1M",
        "OL-1M",
        "OL1234567890123M",
        "OL1M OL2M",
        "OL1M/title",
        "/works/OL1M",
        "/books/OL1W",
        "/people/OL1M",
        "AX1M",
        "AXE1A",
        "AXE1M",
        "AX0W",
        "https://example.org/books/OL1M",
        "https://openlibrary.org.example.org/books/OL1M",
        "https://evilopenlibrary.org/books/OL1M",
        "openlibrary.orgOL1M",
        "OL\u0661M",
        "OL1M\x00",
        "OL" + "0" * 5000 + "1M",
    ],
)
def test_refusals_name_what_was_expected(text: str) -> None:
    with pytest.raises(BadInput, match="OL7353617M") as refused:
        parse_key(text)
    assert refused.value.field == "key"


@pytest.mark.parametrize(("text", "kind", "expected"), [("OL1M", "work", "OL45804W"), ("OL1W", "author", "OL34184A")])
def test_the_wrong_kind_is_refused(text: str, kind: Kind, expected: str) -> None:
    with pytest.raises(BadInput, match=f"{expected}, not of an? "):
        parse_key(text, kind)


def test_the_work_of_an_edition_without_one() -> None:
    assert format_key("work", own_work(7353617)) == "AXE7353617W"


@pytest.mark.parametrize(
    ("kind", "number"),
    [("edition", 0), ("work", 0), ("edition", -1), ("author", -1), ("edition", MINTED + 1), ("work", MINTED)],
)
def test_numbers_no_key_has(kind: Kind, number: int) -> None:
    with pytest.raises(ValueError, match=f"no {kind} key"):
        format_key(kind, number)


@pytest.mark.parametrize(
    "key",
    ["", "/", "/books/", "/books/OLM", "/books/OL1", "/books/OL1_0M", "/books/OL 1M", "/books/OL+1M", "/books/XX1M",
     "/books/OL\u0661M", "/languages/eng", "/books/OL0M", "/books/OL1L", "/books/OL1234567890123M", "/people/OLOL5A"],
)  # fmt: skip
def test_dump_keys_that_are_none(key: str) -> None:
    with pytest.raises(ValueError, match="not an Open Library key"):
        ol_number(key)
