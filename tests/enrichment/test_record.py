"""A record while it is written: deciding again only what a write touched gives what deciding everything gives."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alexandria.enrichment.fields import MIRROR
from alexandria.enrichment.merge import Stated
from alexandria.enrichment.record import Record, Write, apply, fold_row
from alexandria.enrichment.score import quality

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Dune", "Dune!", ""]),
        "publisher": st.sampled_from(["Ace", "Chilton"]),
        "publication_date": st.sampled_from(["1965", "1965-08", "1965-08-01"]),
        "page_count": st.sampled_from([0, 412, 604]),
        "description": st.sampled_from(["Sand.", "Sand. " * 20]),
        "subjects": st.lists(st.sampled_from(["Deserts", "deserts", "Spice"]), max_size=2),
        "identifiers": st.dictionaries(st.sampled_from(["oclc", "lccn"]), st.just(["1"]), max_size=2),
        "metadata": st.dictionaries(st.sampled_from("ab"), st.sampled_from([1, True]), max_size=2),
    },
)
WRITES = st.builds(
    Write,
    kind=st.just("edition"),
    id=st.just(9780441172719),
    provider=st.sampled_from(["user", "isbndb", "google-books"]),
    source=st.sampled_from(["self", "other"]),
    fields=FIELDS,
    locks=st.frozensets(st.sampled_from(["title", "page_count"]), max_size=1),
    patch=st.booleans(),
)


def record(mirror: dict[str, Any]) -> Record:
    said = dict.fromkeys(mirror, "2012-01-01T00:00:00Z")
    found = Record("edition", 9780441172719, BEGUN)
    found.mirror = Stated(MIRROR, "mirror", mirror, said, quality=quality("edition", mirror)) if mirror else None
    found.show()
    return found


@settings(max_examples=150, deadline=None)
@given(mirror=FIELDS, batches=st.lists(st.lists(WRITES, min_size=1, max_size=3), max_size=4))
def test_what_was_touched_is_all_that_may_change(mirror: dict[str, Any], batches: list[list[Write]]) -> None:
    quick, whole = record(mirror), record(mirror)
    for number, writes in enumerate(batches):
        quick.now = whole.now = BEGUN + timedelta(seconds=number)
        assert [apply(quick, write) for write in writes] == [apply(whole, write) for write in writes]
        assert quick.show_touched() == whole.show()
        assert fold_row(quick) == fold_row(whole)
        assert {name: choice.value for name, choice in quick.shown.items()} == {
            name: choice.value for name, choice in quick.fold().items()
        }


def write(source: str, provider: str = "isbndb", locks: frozenset[str] = frozenset(), **fields: Any) -> Write:
    return Write("edition", 9780441172719, provider, source, fields, locks)


def test_an_answer_that_became_better_wins_what_it_said_before() -> None:
    found = record({})
    apply(found, write("one", title="Dune"))
    apply(found, write("two", title="Dune!", page_count=604))
    assert found.show_touched() == ("page_count", "title")
    assert found.shown["title"].value == "Dune!"
    apply(found, write("one", publisher="Ace", description="Sand. " * 20))
    assert found.show_touched() == ("description", "publisher", "publishers", "title")
    assert found.shown["title"].value == "Dune"


def test_a_lock_alone_decides_again() -> None:
    found = record({})
    apply(found, write("one", "user", title="Dune"))
    found.now += timedelta(seconds=1)
    apply(found, write("two", "user", title="Dune!"))
    found.show_touched()
    assert found.shown["title"].value == "Dune!"
    apply(found, write("one", "user", frozenset({"title"}), page_count=604))
    assert found.show_touched() == ("page_count", "title")
    assert found.shown["title"].value == "Dune"
