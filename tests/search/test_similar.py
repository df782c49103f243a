"""Similar books: rarer subjects count more, the author counts, the reason is said, nothing is its own likeness."""

import pytest

from alexandria.db import Connection, Database, Statement, connect
from alexandria.search.similar import MOST, Rated, find_similar, rank_similar, refresh_similar

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


def test_a_series_counts_and_is_said() -> None:
    found = rank_similar(1, [(2, "Foxes", 3)], [3], KNOWN, {3: "Earthsea", 4: "Earthsea"})
    assert [(each.work, each.because) for each in found] == [
        (3, "same author; also in the series Earthsea"), (4, "also in the series Earthsea"), (2, "also about Foxes"),
    ]  # fmt: skip


@pytest.mark.anyio
async def test_what_is_kept_is_found_again_each_week(written: Database, written_url: str) -> None:
    with connect(written_url, autocommit=True) as connection:
        first, second, third = _share_subjects(connection)
        connection.execute("delete from search.similar")
        for work, days in ((first, 6), (second, 0), (third, 20)):
            connection.execute(
                "insert into search.similar values (%s, '[]', now() - make_interval(days => %s))", (work, days)
            )
        connection.execute(
            "insert into mirror.work_series values (%s, 1, 7, 'Zy', '1'), (%s, 1, 7, 'Zy', '2')", (first, third)
        )
    assert await refresh_similar(written, most=1) == {"renewed": 1, "forgotten": 0}  # the oldest first
    assert await refresh_similar(written) == {"renewed": 1, "forgotten": 0}
    assert await refresh_similar(written) == {"renewed": 0, "forgotten": 0}
    phrases = {each.work: each.because for each in await find_similar(written, first)}
    assert "also about Zyzzo" in phrases[second]
    assert "also in the series Zy" in phrases[third]
    assert await find_similar(written, second) == []  # kept, not found anew


def _share_subjects(connection: Connection) -> tuple[int, int, int]:
    """The numbers of two works that now share subjects, and of one that shares none."""
    works = [468431, 658250, 155455]
    for work, subject in zip(works, ("Zyzzo", "Zyzzo", "Other"), strict=True):
        subjects = f"""data || '{{"subjects": ["{subject}"]}}'"""
        connection.execute(f"update mirror.works set data = {subjects} where id = {work}".encode())
    return works[0], works[1], works[2]
