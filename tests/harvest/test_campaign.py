"""Campaigns from end to end: simulated providers, real queue, real worker."""

import pytest

from alexandria.harvest import plan
from alexandria.harvest.campaign import start
from alexandria.simulator.catalogue import Catalogue, numbers
from alexandria.simulator.launch import Simulator
from alexandria.wiring import Services
from tests.harvest.conftest import until_over, working
from tests.harvest.world import author_number, find_duplicates

pytestmark = pytest.mark.anyio


def known_editions(catalogue: Catalogue, author: int) -> set[int]:
    """The ISBNs of an author that ISBNdb knows."""
    found = (number for work in numbers.works_of(author) for number in numbers.editions_of(work))
    return {numbers.isbn_of(number) for number in found if catalogue.knows("isbndb", number)}


async def test_a_bibliography(services: Services, simulator: Simulator, catalogue: Catalogue, mirrored_url: str) -> None:
    begun = await start(services.database, plan.authors(None, [author_number(0)]), "me")
    assert begun.is_new
    async with working(services):
        status = await until_over(services, begun.id)
    print(status)
    expected = known_editions(catalogue, 0)
    pages = -(-len(expected) // 100)
    assert (status.state, status.done, status.failed, status.units, status.pages) == ("done", 1, 0, pages, pages)
    assert status.editions == status.new + status.updated + status.known == len(expected)
    assert simulator.state()["isbndb"]["units"] == pages
    duplicates = find_duplicates(mirrored_url)
    assert (duplicates.works, duplicates.authors, duplicates.mixed) == (0, 0, 0)
