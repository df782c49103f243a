"""pgbench gets the program's own statements of a write, with rows of the ISBN that it draws."""

import re

from alexandria.enrichment.store import SQL
from bench import draw, write

ISBN = 9780000000002
ROWS = {name: '[{"id":9780000000002,"fields":{"title":"It\'s 5:30"},"at":"08:15"}]' for name in write.ROWS}


def test_pgbench_runs_the_six_statements_in_one_transaction() -> None:
    script = write.script(10_000, ROWS, ISBN)
    begin, commit = script.index("begin;"), script.index("commit;")
    places = [begin]
    for name in ("lock_editions", "read_answers", "read_mirror_editions", *write.ROWS):
        first = SQL[name].sql.splitlines()[0].partition("%(")[0].strip()
        places.append(script.index(first, places[-1]))
    assert places == sorted(set(places))
    assert places[-1] < commit
    assert "%(" not in script
    assert "%%" not in script


def test_rows_are_about_the_isbn_that_is_drawn() -> None:
    script = write.script(10_000, ROWS, ISBN)
    assert str(ISBN) not in script
    assert script.count(" || :isbn || ") == 3
    # no colon stands before what pgbench would take for a variable's name, but for those that are meant
    assert set(re.findall(r"(?<!:):(\w+)", script)) == {
        "block", "r", "place", "nine", "check", "isbn", "rare",
    }  # fmt: skip
    assert "It''s 5:'\n'30" in script


def test_half_of_the_draws_are_of_a_few() -> None:
    lines = draw.pgbench_lines(20_000, 1_000).splitlines()
    assert lines[:3] == [
        r"\set rare random(0, 1)",
        r"\set block :rare * random(0, 1)",
        rf"\set r random(0, 999 + :rare * {draw.CHOICES - 1_000})",
    ]
    assert draw.pgbench_lines(20_000).splitlines()[0] == r"\set block random(0, 1)"
