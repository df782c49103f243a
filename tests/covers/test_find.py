"""Candidates come in the order of their sources, each once, with the hosts that may be asked for them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.covers.find import MOST, ORDER, Said, Sites, Told, list_candidates

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
SITES = Sites("https://covers.openlibrary.org", "https://archive.org", frozenset(ORDER))
COMMONS = "https://commons.wikimedia.org/wiki/Special:FilePath/"


def said(provider: str, source: str = "self", **told: Any) -> Said:
    return Said(provider, source, NOON, Told(**told))


def test_the_order_of_sources() -> None:
    answers = [
        said("isbndb", url="https://images.isbndb.com/covers/1.jpg"),
        said("wikidata", url=f"{COMMONS}A.jpg"),
        said("user", source="key", large="https://example.org/a.jpg"),
        said("google-books", url="https://books.google.com/books/content?id=x&zoom=1"),
        said("match", url="https://example.org/never.jpg"),
    ]
    found = list_candidates(answers, [5], ["item00one"], SITES)
    assert [each.provider for each in found] == list(ORDER)
    assert [each.rank for each in found] == list(range(len(ORDER)))


def test_open_library_is_asked_by_number_and_told_to_say_when_there_is_none() -> None:
    answer = said("open-library", url="https://covers.openlibrary.org/b/id/5-L.jpg")
    found = list_candidates([answer], [5, -1, 7, 8], [], SITES)
    assert [each.url for each in found] == ["https://covers.openlibrary.org/b/id/5-L.jpg?default=false"]
    found = list_candidates([], [6, 7, 8], [], SITES)
    assert [each.url.partition("/b/id/")[2] for each in found] == ["6-L.jpg?default=false", "7-L.jpg?default=false"]
    assert list_candidates([], [-1, 0], [], SITES) == []


def test_of_three_sizes_one_is_asked_for() -> None:
    answer = said("user", source="key", medium="https://a.org/m", small="https://a.org/s", url="https://a.org/x")
    assert [each.url for each in list_candidates([answer], [], [], SITES)] == ["https://a.org/m", "https://a.org/x"]


@pytest.mark.parametrize(
    ("given_url", "asked"),
    [
        ("https://books.google.com/books/content?id=aB&printsec=frontcover&img=1&zoom=1&source=gbs_api",
         "https://books.google.com/books/content?id=aB&printsec=frontcover&img=1&zoom=1&source=gbs_api&fife=w512-h768"),
        ("https://books.google.com/books/content?id=aB&zoom=5",
         "https://books.google.com/books/content?id=aB&zoom=1&fife=w512-h768"),
        ("https://books.google.com/other?id=aB", "https://books.google.com/other?id=aB"),
    ],
)  # fmt: skip
def test_google_is_asked_for_our_size(given_url: str, asked: str) -> None:
    [found] = list_candidates([said("google-books", url=given_url)], [], [], SITES)
    assert found.url == asked
    assert found.page == ("https://books.google.com/books?id=aB" if "content" in given_url else None)


@pytest.mark.parametrize(
    ("url", "file"),
    [
        (f"{COMMONS}A_b.jpg", "A b.jpg"),
        (f"{COMMONS}A%2Fb%3F.jpg", "A/b?.jpg"),
        ("https://upload.wikimedia.org/wikipedia/commons/a/ab/A_b.jpg", "A b.jpg"),
        ("https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/A_b.jpg/500px-A_b.jpg", "A b.jpg"),
        ("https://upload.wikimedia.org/wikipedia/en/a/ab/A_b.jpg", None),
        ("https://www.wikidata.org/wiki/Q1", None),
    ],
)
def test_commons_files_by_name(url: str, file: str | None) -> None:
    assert [each.file for each in list_candidates([said("wikidata", url=url)], [], [], SITES)] == (
        [file] if file else []
    )


def test_who_may_be_asked_depends_on_who_says_so() -> None:
    [ours] = list_candidates([said("isbndb", url="https://images.isbndb.com/x")], [], [], SITES)
    assert ours.expected == (".isbndb.com",)
    [theirs] = list_candidates([said("isbndb", source="key", url="https://example.org/x")], [], [], SITES)
    assert theirs.expected is None
    assert theirs.at is None
    [users] = list_candidates([said("user", source="key", url="https://example.org/x")], [], [], SITES)
    assert (users.expected, users.at) == (None, NOON)


def test_providers_that_are_off_are_no_candidates_but_users_are() -> None:
    answers = [
        said("user", source="key", url="https://example.org/x"),
        said("isbndb", url="https://images.isbndb.com/x"),
    ]
    found = list_candidates(answers, [5], ["item00one"], Sites("https://a", "https://b", frozenset()))
    assert [each.provider for each in found] == ["user"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b", "a?b", "a/b", "", "x" * 200, "-x"])
def test_odd_names_of_items_are_left_out(name: str) -> None:
    assert list_candidates([said("open-library", ocaids=(name,))], [], [name], SITES) == []


urls = st.text(max_size=40) | st.sampled_from(["http://[", "https://a/b", "https://a/b?c=d"])


@given(
    st.lists(
        st.builds(
            Said, st.sampled_from([*ORDER, "match", "wikipedia"]), st.sampled_from(["self", "key"]), st.just(NOON),
            st.builds(Told, url=urls, large=urls | st.none()),
        ),
        max_size=12,
    ),
    st.lists(st.integers(-5, 2**40), max_size=4),
)  # fmt: skip
def test_whatever_is_said_the_order_holds(answers: list[Said], numbers: list[int]) -> None:
    found = list_candidates(answers, numbers, [], SITES)
    assert [each.rank for each in found] == sorted(each.rank for each in found)
    assert len({each.url for each in found}) == len(found) <= MOST
