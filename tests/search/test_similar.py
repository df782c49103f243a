"""Similar books: rarer subjects count more, the author counts, the reason is said, nothing is its own likeness."""

import pytest

from alexandria.db import Connection, Database, Statement, connect
from alexandria.search.similar import MOST, Rated, find_similar, rank_similar

KNOWN = {number: Rated(1, f"title {number}") for number in range(1, 10)}


def test_rarer_subjects_count_more_and_the_reason_is_said() -> None:
    shared = [(2, "Foxes", 3), (3, "Animals", 200), (4, "Animals", 200), (1, "Foxes", 3), (5, "Fiction", MOST)]
    found = rank_similar(1, shared, [4, 6], KNOWN)
    assert [each.work for each in found] == [4, 2, 6, 3]
    assert [each.because for each in found] == [
        "same author; also about Animals", "also about Foxes", "same author", "also about Animals",
    ]  # fmt: skip


def test_another_record_of_the_same_book_is_none() -> None:
    known = {**KNOWN, 2: Rated(9, "title 1"), 3: Rated(1, "title 4")}
    found = rank_similar(1, [(number, "Foxes", 5) for number in (1, 2, 3, 4)], [], known)
    assert [each.work for each in found] == [3]


@pytest.mark.anyio
async def test_found_at_once_and_kept(written: Database, written_url: str) -> None:
    with connect(written_url, autocommit=True) as connection:
        first, second, third = _share_subjects(connection)
    found = await find_similar(written, first)
    assert found[0].work == second
    assert "also about Zyzzo" in found[0].because
    assert third not in [each.work for each in found]
    kept = await written.fetch_one(
        Statement("kept", f"select count(*) from search.similar where work_id = {first}", "?")
    )
    assert kept == (1,)
    assert await find_similar(written, first) == found


def _share_subjects(connection: Connection) -> tuple[int, int, int]:
    """The numbers of two works that now share subjects, and of one that shares none."""
    works = [468431, 658250, 155455]
    for work, subject in zip(works, ("Zyzzo", "Zyzzo", "Other"), strict=True):
        subjects = f"""data || '{{"subjects": ["{subject}"]}}'"""
        connection.execute(f"update mirror.works set data = {subjects} where id = {work}".encode())
    return works[0], works[1], works[2]
