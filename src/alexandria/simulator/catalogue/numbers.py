"""The numbers of the catalogue and how they lead to one another: ISBN, edition, work, author, month.

Editions 0 to 10⁹ - 1 are the ISBNs under 978, numbered as in a synthetic dump, those above are the ISBNs under 979.
Three editions in a row are a work. Works come in blocks of 400 of 71 authors: one has 120 works (360 editions, four
pages at ISBNdb), two have 40, six 13, twenty 4, the others one. Every tenth work has the next author as a second.
Months go round: every 600th edition is of the same month.
"""

from alexandria.sample.numbers import isbn_forms
from alexandria.sample.synthetic import isbn13_text

UNDER_978 = 1_000_000_000
EDITIONS = 2 * UNDER_978
EDITIONS_PER_WORK = 3
WORKS = EDITIONS // EDITIONS_PER_WORK
FIRST_YEAR, MONTHS = 1979, 600

_FIRST_978, _FIRST_979 = 978_000_000_000, 979_000_000_000
_OFFSET = int(isbn_forms(0)[0][:9])
_STEP = (int(isbn_forms(1)[0][:9]) - _OFFSET) % UNDER_978
_BACK = pow(_STEP, -1, UNDER_978)

_WORKS_EACH = [120] + [40] * 2 + [13] * 6 + [4] * 20 + [1] * 42
_AUTHORS, _WORKS = len(_WORKS_EACH), sum(_WORKS_EACH)  # in a block
AUTHORS = -(-WORKS // _WORKS) * _AUTHORS
_STARTS = [sum(_WORKS_EACH[:author]) for author in range(_AUTHORS)]
_AUTHOR_AT = bytes(author for author, works in enumerate(_WORKS_EACH) for _ in range(works))
_SHARED_EVERY, _SHARED_AT = 10, 3
_MONTH_STEP = 7
_MONTH_BACK = pow(_MONTH_STEP, -1, MONTHS)


def edition_of(isbn: int) -> int:
    """The number of the edition with this ISBN-13, which must be valid."""
    nine = isbn // 10 - _FIRST_978
    if nine < UNDER_978:
        return (nine - _OFFSET) * _BACK % UNDER_978
    return UNDER_978 + isbn // 10 - _FIRST_979


def isbn_of(edition: int) -> int:
    """The ISBN-13 of an edition: the inverse of `edition_of`."""
    return isbns_of(edition)[0]


def isbns_of(edition: int) -> tuple[int, str | None]:
    """The ISBN-13 and the ISBN-10 of an edition; under 979 there is no ISBN-10."""
    if edition < UNDER_978:
        ten, thirteen = isbn_forms(edition)
        return int(thirteen), ten
    return int(isbn13_text(str(_FIRST_979 + edition - UNDER_978))), None


def work_of(edition: int) -> int:
    """The work of an edition."""
    return edition // EDITIONS_PER_WORK


def editions_of(work: int) -> range:
    """The editions of a work."""
    return range(work * EDITIONS_PER_WORK, (work + 1) * EDITIONS_PER_WORK)


def authors_of(work: int) -> tuple[int, ...]:
    """The author of a work, or both."""
    block, place = divmod(work, _WORKS)
    author = _AUTHOR_AT[place]
    first = block * _AUTHORS + author
    if work % _SHARED_EVERY != _SHARED_AT:
        return (first,)
    return first, block * _AUTHORS + (author + 1) % _AUTHORS


def works_of(author: int) -> list[int]:
    """The works of an author, those shared with the author before included."""
    block, place = divmod(author, _AUTHORS)
    before = _own_works(block, (place - 1) % _AUTHORS)
    return [*_own_works(block, place), *(work for work in before if work % _SHARED_EVERY == _SHARED_AT)]


def _own_works(block: int, place: int) -> range:
    start = block * _WORKS + _STARTS[place]
    return range(start, start + _WORKS_EACH[place])


def month_of(edition: int) -> int:
    """The month an edition was published in, counted from January of `FIRST_YEAR`."""
    return edition * _MONTH_STEP % MONTHS


def editions_in(month: int, below: int) -> range:
    """The editions of a month whose number is less than `below`; none for a month the catalogue does not reach."""
    if not 0 <= month < MONTHS:
        return range(0)
    return range(month * _MONTH_BACK % MONTHS, below, MONTHS)
