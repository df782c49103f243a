"""`worker` for some kinds of jobs only."""

from pathlib import Path

from tests.cli.conftest import Calls, Program
from tests.conftest import RunSQL
from tests.waiting import until


def test_a_worker_of_one_kind_leaves_the_others(database_url: str, run_sql: RunSQL, tmp_path: Path) -> None:
    program = Program(tmp_path, database_url=database_url, data_dir=tmp_path / "data")
    program.result("enqueue", "edition", "9780140328721")
    program.result("enqueue", "work", "OL45804W")
    process = program.start("worker", "--kind", "work")
    try:
        until(lambda: run_sql(database_url, "select kind from queue.jobs") == [("edition",)])
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        if process.stdout:
            process.stdout.close()
    assert run_sql(database_url, "select kind, attempts from queue.jobs") == [("edition", 0)]


def test_a_kind_that_there_is_not(call_on_database: Calls) -> None:
    code, _, errors = call_on_database("worker", "--kind", "novel")
    assert code != 0
    assert "kind: novel is none; there are archive, author" in errors
