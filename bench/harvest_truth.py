"""A mirror that knows some of the simulator's authors, and a look at what became of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from alexandria.db import connect
from alexandria.simulator.catalogue import Catalogue, numbers

FIRST_WORK = 1_000_000  # of the mirror's numbers
MIRRORED = 2  # works of an author that the mirror has


@dataclass(frozen=True, slots=True)
class Duplicates:
    """How many works and authors of the simulator are more than one here, and how many here are several of them."""

    works: int
    authors: int
    mixed: int


def author_number(author: int) -> int:
    """The number in the mirror of an author of the simulator."""
    return author + 1


def fill_mirror(url: str, catalogue: Catalogue, authors: Iterable[int]) -> None:
    """Nothing; the mirror has these authors, each with their first works and the first edition of each of them."""
    people, works, editions = [], {}, []
    for author in authors:
        people.append((author_number(author), catalogue.author(author).name))
        for work in numbers.works_of(author)[:MIRRORED]:
            works[work] = [author_number(each) for each in numbers.authors_of(work)]
    known = {number for number, _ in people}
    with connect(url) as connection:
        cursor = connection.cursor()
        cursor.executemany("insert into mirror.authors (id, revision, name) values (%s, 1, %s)", people)
        for work, ids in works.items():
            edition = catalogue.edition(work * numbers.EDITIONS_PER_WORK)
            theirs = [each for each in ids if each in known]
            row = (FIRST_WORK + work, theirs, edition.title)
            cursor.execute("insert into mirror.works (id, revision, author_ids, title) values (%s, 1, %s, %s)", row)
            cursor.executemany(
                "insert into mirror.work_authors values (%s, %s)", [(each, FIRST_WORK + work) for each in theirs]
            )
            editions.append((edition.number + 1, FIRST_WORK + work, edition.title, [edition.isbn]))
        cursor.executemany(
            "insert into mirror.editions (id, work_id, revision, completeness, title, isbns)"
            " values (%s, %s, 1, 10, %s, %s)",
            editions,
        )
        connection.execute(
            "insert into mirror.edition_isbns select isbns[1], id, work_id, completeness, 1 from mirror.editions"
        )


def find_duplicates(url: str) -> Duplicates:
    """What is doubled, by the simulator's truth: every edition here is one of its works."""
    with connect(url) as connection:
        rows = connection.execute(
            """select e.isbn, coalesce(e.work_id, m.work_id), coalesce(w.author_ids, mw.author_ids)
               from enriched.editions e left join mirror.edition_isbns m on m.isbn = e.isbn
               left join enriched.works w on w.work_id = coalesce(e.work_id, m.work_id)
               left join mirror.works mw on mw.id = coalesce(e.work_id, m.work_id)
               where coalesce(e.work_id, m.work_id) is not null"""
        ).fetchall()
        names = connection.execute(
            """select lower(coalesce(x.name, a.name)), count(*) from (
                   select unnest(author_ids) as id from enriched.works union select id from mirror.authors) i
               left join mirror.authors a on a.id = i.id left join enriched.authors x on x.author_id = i.id
               group by 1 having count(*) > 1"""
        ).fetchall()
    ours: dict[int, set[int]] = {}
    theirs: dict[int, set[int]] = {}
    for isbn, work, _ in rows:
        truth = numbers.work_of(numbers.edition_of(isbn))
        ours.setdefault(truth, set()).add(work)
        theirs.setdefault(work, set()).add(truth)
    doubled = Counter(len(each) > 1 for each in ours.values())
    mixed = Counter(len(each) > 1 for each in theirs.values())
    return Duplicates(doubled[True], len(names), mixed[True])
