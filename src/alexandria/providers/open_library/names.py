"""The names of authors, whom editions and works name by key only."""

from collections.abc import Awaitable, Callable, Collection, Sequence

from alexandria.biblio.keys import Key
from alexandria.biblio.records import Author, Redirect, Work
from alexandria.providers.open_library.parse import Named
from alexandria.providers.open_library.profile import MOST_KEYS
from alexandria.providers.open_library.records import Many

MOST_HOPS = 5  # of a record that became another one, again and again
GetMany = Callable[[Collection[Key]], Awaitable[Many]]


async def authors_of_work(get_many: GetMany, number: int) -> tuple[int, ...]:
    """The numbers of a work's authors, also of a work that was merged; none for a work of ours."""
    if number <= 0:
        return ()
    key = Key("work", number)
    for _ in range(MOST_HOPS):
        found = (await get_many([key])).found
        record = found[key].record if key in found else None
        if not isinstance(record, Redirect) or record.target is None or record.target.kind != "work":
            return record.authors if isinstance(record, Work) else ()
        key = record.target
    return ()


async def name_authors(get_many: GetMany, numbers: Sequence[int]) -> dict[int, Named]:
    """Names by the number that was asked for; merged authors are followed, deleted and nameless ones left out."""
    leads = {number: number for number in numbers[:MOST_KEYS]}
    named: dict[int, Named] = {}
    for _ in range(MOST_HOPS):
        if not leads:
            break
        found = (await get_many({Key("author", number) for number in leads.values()})).found
        onward: dict[int, int] = {}
        for asked, number in leads.items():
            key = Key("author", number)
            record = found[key].record if key in found else None
            if isinstance(record, Author) and record.name:
                named[asked] = Named(number, record.name)
            elif isinstance(record, Redirect) and record.target and record.target.kind == "author":
                onward[asked] = record.target.number
        leads = onward
    return named
