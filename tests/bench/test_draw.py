"""The ISBNs that a bench asks for are known, and pgbench gets the program's own statements."""

import re
from itertools import islice

import pytest

from alexandria.catalog.lookup import SQL
from alexandria.sample.numbers import nth_isbn
from bench import draw, pgbench
from bench.workspace import BenchFailed


def test_every_draw_is_an_isbn_of_the_dump() -> None:
    known = {nth_isbn(index) for index in range(20_000)}
    assert {draw.number(block, r) for block in (0, 1) for r in range(draw.CHOICES)} <= known
    assert set(islice(draw.draws(20_000, seed=1), 500)) <= known


def test_no_edition_is_drawn_more_often_than_another() -> None:
    assert len({draw.index_of(0, r) for r in range(draw.CHOICES)}) == draw.CHOICES


@pytest.mark.parametrize("size", [9_999, draw.LARGEST + 1])
def test_a_size_without_whole_blocks_or_beyond_luas_numbers_is_refused(size: int) -> None:
    with pytest.raises(BenchFailed, match="lookups are measured on"):
        draw.blocks_of(size)


def test_pgbench_runs_the_statements_of_the_program() -> None:
    script = pgbench.script(10_000)
    for name in ("find_by_isbn", "read_editions"):
        given = re.sub(r"%\(\w+\)s", "?", SQL[name].sql)
        # literals in two parts are one again, parameters are parameters again
        said = re.sub(r"array\[:\w+\]|'{}'(?=::jsonb -> asked)", "?", script.replace("'\n'", ""))
        assert _words(given) in _words(said)


def _words(sql: str) -> str:
    return " ".join(sql.split())
