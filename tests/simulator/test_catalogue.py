"""The catalogue turns round: what leads from an edition to an author, a title or a month leads back to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.isbn import bare_isbn, isbn10
from alexandria.sample.catalogue import sample_isbns
from alexandria.sample.numbers import nth_isbn
from alexandria.simulator.catalogue import Catalogue, numbers
from alexandria.simulator.catalogue.people import authors_named, name_of, number_of_isni, number_of_viaf

UNDER_979_8 = (1_800_000_000, 1_899_999_999)
edition_numbers = st.integers(0, numbers.UNDER_978 - 1) | st.integers(*UNDER_979_8)
CATALOGUE = Catalogue()


@given(edition_numbers)
def test_every_number_has_a_valid_isbn_and_back(number: int) -> None:
    isbn, ten = numbers.isbns_of(number)
    if bare_isbn(str(isbn)):  # all but nine equal digits
        assert numbers.edition_of(isbn) == number
        assert ten == isbn10(isbn)


@given(st.integers(0, 10_000_000))
def test_synthetic_isbns_are_numbered_as_in_the_dump(index: int) -> None:
    isbn = nth_isbn(index)
    if isbn is not None and str(isbn).startswith("978"):
        assert numbers.edition_of(isbn) in (index, index - 1)  # one in fifty repeats the one before


@given(edition_numbers)
def test_authors_and_works_lead_to_one_another(number: int) -> None:
    work = numbers.work_of(number)
    assert number in numbers.editions_of(work)
    for author in numbers.authors_of(work):
        assert work in numbers.works_of(author)


@given(edition_numbers)
def test_an_edition_is_found_by_its_authors_and_its_title(number: int) -> None:
    edition = CATALOGUE.edition(number)
    assert number in CATALOGUE.by_title(edition.title)
    for name in edition.authors:
        assert number in CATALOGUE.by_author(name)
        assert number in CATALOGUE.by_both(edition.title.upper(), name)


@given(st.integers(0, numbers.AUTHORS - 1))
def test_names_lead_to_their_author(author: int) -> None:
    name = name_of(author, CATALOGUE.words)
    first, _, last = name.rpartition(" ")
    assert author in authors_named(name, CATALOGUE.words)
    assert author in authors_named(f"{last}, {first}", CATALOGUE.words)
    assert author in authors_named(name.lower(), CATALOGUE.words)


@given(st.integers(0, 299_999))
def test_listed_editions_are_found_by_date_publisher_and_subject(number: int) -> None:
    edition = CATALOGUE.edition(number)
    month = f"{edition.year}-{edition.month:02}"
    assert number in CATALOGUE.by_date(month)
    assert number in CATALOGUE.by_date(f"{month}-{edition.day:02}")
    assert number in CATALOGUE.by_publisher(edition.publisher)
    assert number in CATALOGUE.by_subject(edition.subjects[0])


@given(st.integers(0, numbers.AUTHORS - 1), st.booleans())
def test_identifiers_lead_to_their_person(number: int, is_stranger: bool) -> None:
    person = CATALOGUE.stranger(number) if is_stranger else CATALOGUE.author(number)
    assert number_of_viaf(person.viaf) == (number, is_stranger)
    assert number_of_isni(person.isni) == (number, is_stranger)
    assert number_of_isni(person.isni[:-1] + ("1" if person.isni[-1] == "0" else "0")) is None


@pytest.mark.parametrize("provider", ["isbndb", "google_books", "open_library", "wikidata"])
def test_each_provider_lacks_a_share_of_its_own(provider: str) -> None:
    unknown = {number for number in range(20_000) if not CATALOGUE.knows(provider, number)}
    assert 0.13 < len(unknown) / 20_000 < 0.17
    for other in {"isbndb", "google_books", "open_library", "wikidata"} - {provider}:
        shared = sum(not CATALOGUE.knows(other, number) for number in unknown)
        assert shared / len(unknown) < 0.25


def test_the_sample_catalogue_is_in_it() -> None:
    gatsby = CATALOGUE.number(sample_isbns().hit)
    assert gatsby is not None
    edition = CATALOGUE.edition(gatsby)
    assert "Gatsby" in edition.title
    assert edition.authors[0] in ("F. Scott Fitzgerald", "Francis Scott Fitzgerald")
    assert gatsby in CATALOGUE.by_author(edition.authors[0])
    assert gatsby in CATALOGUE.by_title(edition.title)
    miss = CATALOGUE.number(sample_isbns().miss)
    assert miss is not None
    assert all(CATALOGUE.knows(each, miss) for each in ("isbndb", "google_books", "open_library"))


def test_bibliographies_are_of_many_sizes() -> None:
    sizes = {len(numbers.works_of(author)) for author in range(71)}
    assert max(sizes) * 3 > 300  # more than three pages of a hundred
    assert 1 in sizes


def test_another_seed_is_another_catalogue() -> None:
    assert Catalogue(2).edition(7).title != CATALOGUE.edition(7).title
    assert Catalogue(1).edition(7) == CATALOGUE.edition(7)
