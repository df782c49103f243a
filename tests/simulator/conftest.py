"""One simulator for the tests of this folder, without limits and as new before each test; a client that asks it."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from alexandria.simulator import Simulator
from alexandria.simulator.catalogue import Catalogue, Edition

AGENT = {"User-Agent": "Tests/1.0 (mailto:tests@example.org)"}
BUCKETS = (
    "isbndb", "google_books", "open_library", "wikimedia", "open_library_covers", "internet_archive",
    "google_books_pictures", "isbndb_pictures",
)  # fmt: skip
Find = Callable[..., Edition]


@pytest.fixture(scope="session")
def shared_simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(shared_simulator: Simulator) -> Simulator:
    shared_simulator.limits(**dict.fromkeys(BUCKETS, None))
    shared_simulator.reset()
    return shared_simulator


@pytest.fixture(scope="session")
def http() -> Iterator[httpx2.Client]:
    """A client with a contact, one for all tests: each would load the certificates of the world again."""
    with httpx2.Client(headers=AGENT, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The catalogue that the simulator answers from."""
    return Catalogue()


@pytest.fixture(scope="session")
def find(catalogue: Catalogue) -> Find:
    """A function that gives the first edition which a provider knows (or not) and which fits a condition."""

    def search(provider: str, fits: Callable[[Edition], Any] = lambda edition: True, *, known: bool = True) -> Edition:
        candidates = (catalogue.edition(number) for number in range(100_000) if number % 3 == 0 or not known)
        return next(e for e in candidates if catalogue.knows(provider, e.number) is known and fits(e))

    return search
