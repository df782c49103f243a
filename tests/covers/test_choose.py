"""Which cover takes another one's place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.covers.choose import Standing, is_better, is_worth_asking
from alexandria.covers.find import ORDER, Candidate

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
standings = st.builds(Standing, st.sampled_from(ORDER), st.integers(8, 512), st.integers(8, 768))


def test_anything_is_better_than_nothing() -> None:
    assert is_better(Standing("isbndb", 40, 60), None)


@pytest.mark.parametrize(
    ("new", "old", "better"),
    [
        (("user", 50, 50), ("google-books", 512, 768), True),
        (("google-books", 512, 768), ("user", 50, 50), False),
        (("user", 50, 50), ("user", 512, 768), True),
        (("isbndb", 300, 500), ("google-books", 128, 192), True),
        (("google-books", 128, 192), ("isbndb", 300, 500), False),
        (("google-books", 300, 450), ("open-library", 333, 500), True),
        (("open-library", 333, 500), ("google-books", 300, 450), False),
        (("open-library", 512, 768), ("open-library", 333, 500), True),
        (("open-library", 340, 510), ("open-library", 333, 500), False),
        (("isbndb", 200, 300), ("google-books", 128, 192), True),
        (("google-books", 128, 192), ("isbndb", 128, 192), False),
    ],
)
def test_what_is_better(new: tuple[str, int, int], old: tuple[str, int, int], better: bool) -> None:
    assert is_better(Standing(*new), Standing(*old)) == better


@given(standings, standings)
def test_two_covers_never_take_each_other_s_place(one: Standing, other: Standing) -> None:
    if "user" not in (one.provider, other.provider):
        assert not (is_better(one, other) and is_better(other, one))
    assert is_better(one, one) == (one.provider == "user")


@given(st.sampled_from(ORDER[1:]), standings)
def test_who_is_not_asked_could_not_have_been_better(provider: str, best: Standing) -> None:
    candidate = Candidate(provider, "https://example.org/x")
    if not is_worth_asking(candidate, best):
        assert (
            not any(is_better(Standing(provider, *size), best) for size in ((512, 768), (100, 150), (300, 400)))
            or provider == best.provider
        ), "only the same source again, whose picture is known"


def test_a_user_s_later_word_is_asked_for() -> None:
    candidate = Candidate("user", "https://example.org/x", at=NOON)
    assert is_worth_asking(candidate, None)
    assert is_worth_asking(candidate, Standing("google-books", 512, 768, NOON))
    assert not is_worth_asking(candidate, Standing("user", 9, 9, NOON + timedelta(seconds=1)))
    assert is_worth_asking(candidate, Standing("user", 9, 9, NOON - timedelta(seconds=1)))
    assert not is_worth_asking(Candidate("google-books", "x"), Standing("user", 9, 9, NOON))
