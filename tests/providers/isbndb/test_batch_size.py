"""The size of a batch follows what answers can carry."""

from hypothesis import given
from hypothesis import strategies as st

from alexandria.providers.isbndb.batch_size import LARGEST_ANSWER, SMALLEST, BatchSize


def test_it_halves_and_grows_again() -> None:
    size = BatchSize(250)
    assert size.now == 250
    size.failed(250)
    assert size.now == 125
    size.answered(125, 100, 100_000)
    assert size.now == 156
    for _ in range(10):
        size.answered(size.now, size.now, 1000)
    assert size.now == 250


def test_heavy_editions_make_it_small_at_once_and_light_ones_large_slowly() -> None:
    size = BatchSize(1000)
    size.answered(1000, 100, 10 * LARGEST_ANSWER)
    assert size.now == 10
    size.answered(10, 10, 1000)
    assert size.now == 12
    size.answered(3, 3, 300)  # the rest of a list says nothing of what would fit
    assert size.now == 12


def test_a_small_batch_that_fails_does_not_fail_for_its_size() -> None:
    size = BatchSize(250)
    size.failed(3)
    assert size.now == SMALLEST
    assert BatchSize(5).now == 5
    tiny = BatchSize(5)
    tiny.failed(5)
    assert tiny.now == 5


@given(st.integers(1, 1000), st.lists(st.tuples(st.booleans(), st.integers(0, 1000), st.integers(0, 10**7))))
def test_it_stays_within_its_bounds(most: int, steps: list[tuple[bool, int, int]]) -> None:
    size = BatchSize(most)
    for failed, found, weight in steps:
        if failed:
            size.failed(size.now)
        else:
            size.answered(size.now, min(found, size.now), weight)
        assert 1 <= size.now <= most
