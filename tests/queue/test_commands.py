"""`alexandria enqueue` and `alexandria queue`: lists as people have them, jobs as an operator sees them."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import typer

from alexandria.cli import enqueue, queue
from alexandria.cli.keylist import Entry, read_entries
from alexandria.db import Database
from alexandria.errors import BadInput
from alexandria.queue.job import Dead, NewJob
from alexandria.queue.store import claim
from alexandria.queue.store import enqueue as enqueue_jobs
from tests.queue.looking import settle, sql

GOODREADS = '''\ufeffBook Id,Title,Author,ISBN,ISBN13,My Review
1,"Fox, Mr",Dahl,"=""0140328726""","=""9780140328721""","good
and long"
2,No ISBN,Dahl,"=""""","=""""",
3,Only ten,Dahl,"=""0306406152""","=""""",
4,Wrong,Dahl,"=""""","=""9780140328722""",
5,The same,Dahl,,9780140328721,
'''
Call = Callable[..., Any]


@pytest.fixture
def call(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Runs a command in this process, on a fresh database; gives its exit code, what it printed, what it noted."""
    for name in [name for name in os.environ if name.startswith("ALEXANDRIA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALEXANDRIA_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "250")
    app = typer.Typer()
    app.command()(enqueue.enqueue)
    app.add_typer(queue.app, name="queue")

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = app(args=[str(each) for each in arguments], standalone_mode=False)
        return (code if isinstance(code, int) else 0, *capsys.readouterr())

    return run


def result(call: Call, *arguments: object, code: int = 0) -> Any:
    got, out, err = call(*arguments, "--json")
    assert got == code, err
    return json.loads(out)


def on_queue(url: str, work: Callable[[Database], Any]) -> Any:
    async def run() -> Any:
        database = Database(url, max_size=2)
        await database.open()
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


# --- lists ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "keys"),
    [
        ("edition", "9780140328721\n0-306-40615-2\n", ["9780140328721", "0-306-40615-2"]),
        ("edition", "# mine\n\n 978 0 14 032872 1 \r\n", ["978 0 14 032872 1"]),
        ("edition", "9780140328721, 0306406152;9780804429573\n", ["9780140328721", "0306406152", "9780804429573"]),
        ("edition", "9780140328721 9780804429573", ["9780140328721", "9780804429573"]),
        ("edition", "nonsense\n", ["nonsense"]),
        ("edition", "", []),
        ("edition", "Title;ISBN\nFox;0140328726\nNone;\nShort\n", ["0140328726", "", ""]),
        ("edition", "Title\tISBN/UID\nFox\t9780140328721\n", ["9780140328721"]),
        ("edition", "ISBN\n[0140328726]\n", ["[0140328726]"]),
        ("edition", GOODREADS, ["9780140328721", "", "0306406152", "9780140328722", "9780140328721"]),
        ("work", "OL1W OL2W\n/works/OL3W\n", ["OL1W", "OL2W", "/works/OL3W"]),
        ("work", "title,work_key\nFox,OL45804W\n", ["OL45804W"]),
        ("author", "Author Key\nOL34184A\n", ["OL34184A"]),
    ],
)
def test_keys_of_a_list(kind: str, text: str, keys: list[str]) -> None:
    assert [entry.text for entry in read_entries(text.removeprefix("\ufeff").splitlines(keepends=True), kind)] == keys


def test_a_key_knows_its_line() -> None:
    assert list(read_entries(["# no CSV\n", "\n", "9780140328721\n"], "edition")) == [Entry(3, "9780140328721")]
    lines = GOODREADS.removeprefix("\ufeff").splitlines(keepends=True)
    assert [entry.line for entry in read_entries(lines, "edition")] == [3, 4, 5, 6, 7]


def test_a_cell_without_an_end_is_refused_with_its_line() -> None:
    with pytest.raises(BadInput, match="line 2 is not CSV"):
        list(read_entries(["ISBN,Title\n", '9780140328721,"' + "x" * 200_000], "edition"))


# --- enqueue --------------------------------------------------------------------------------------------------


def test_keys_become_jobs_once(call: Call, database_url: str) -> None:
    first = result(call, "enqueue", "edition", "0-14-032872-6", "9780306406157", "--priority", 8)
    assert (first["new"], first["active"]) == (2, 0)
    again = result(call, "enqueue", "edition", "9780140328721", "0140328726")
    assert (again["new"], again["active"]) == (0, 1)
    assert again["jobs"] == {"9780140328721": first["jobs"]["9780140328721"]}
    [job] = on_queue(database_url, lambda db: claim(db, ["edition"], "one", 1))
    assert (job.priority, job.lane) == (8, "enrichment")
    code, out, _ = call("enqueue", "author", "OL34184A")
    assert (code, out.splitlines()[-1]) == (0, "1 enqueued")


def test_a_library_s_csv(call: Call, tmp_path: Path) -> None:
    (tmp_path / "goodreads.csv").write_text(GOODREADS, encoding="utf-8")
    told = result(call, "enqueue", "edition", "--file", "goodreads.csv")
    assert {name: told[name] for name in ("new", "active", "without", "refused")} == {
        "new": 2, "active": 0, "without": 1, "refused": 1,
    }  # fmt: skip
    assert told["refusals"] == [{"line": 6, "key": "9780140328722", "message": "wrong check digit: 2, expected 1"}]
    _, out, err = call("enqueue", "edition", "--file", "goodreads.csv")
    assert out == "0 enqueued, 2 were under way already\n"
    assert "line 6: 9780140328722: wrong check digit: 2, expected 1" in err


def test_a_spreadsheet_s_unicode_text(call: Call, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("Titel\tISBN\nÖl\t9780140328721\n", encoding="utf-16")
    assert result(call, "enqueue", "edition", "--file", "list.txt")["new"] == 1


def test_standard_input(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("".join(f"OL{number}W\n" for number in range(1, 2_002)))
    with (tmp_path / "keys").open() as keys:
        monkeypatch.setattr(sys, "stdin", keys)
        assert result(call, "enqueue", "work", "-")["new"] == 2_001
    assert isinstance(keys, TextIOWrapper)


def test_a_list_without_a_single_key_fails(call: Call, tmp_path: Path) -> None:
    (tmp_path / "list").write_text("what?\n" * 30)
    code, out, err = call("enqueue", "edition", "--file", "list")
    assert (code, out) == (1, "0 enqueued\n")
    assert "and 20 more keys were refused" in err


@pytest.mark.parametrize(
    ("arguments", "field", "said"),
    [
        (["book", "1"], "kind", "must be one of edition, work, author"),
        (["edition"], "key", "name keys"),
        (["edition", "9780140328721", "--file", "x"], "key", "name keys"),
        (["edition", "9780140328721", "9780140328722"], "key", "wrong check digit"),
    ],
)
def test_bad_usage_enqueues_nothing(call: Call, database_url: str, arguments: list[str], field: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        call("enqueue", *arguments)
    assert refused.value.field == field
    assert result(call, "queue", "list") == {"jobs": []}


# --- queue ----------------------------------------------------------------------------------------------------


@pytest.fixture
def jobs(call: Call, database_url: str) -> dict[str, str]:
    """A dead job, a running one and two that wait, by name."""

    async def make(db: Database) -> dict[str, str]:
        new = [NewJob("edition", 9780140328721), NewJob("work", 45804), NewJob("author", 1), NewJob("author", 2)]
        ids = await enqueue_jobs(db, new)
        [dead] = await claim(db, ["edition"], "one", 1)
        await settle(db, dead, Dead("no\nsuch thing"))
        await claim(db, ["work"], "one", 1)
        return dict(zip(("dead", "running", "first", "second"), map(str, ids), strict=True))

    found: dict[str, str] = on_queue(database_url, make)
    return found


def test_status_by_kind(call: Call, jobs: dict[str, str]) -> None:
    kinds = {each["kind"]: each for each in result(call, "queue", "status")["kinds"]}
    assert {kind: (each["pending"], each["running"], each["dead_in_all"]) for kind, each in kinds.items()} == {
        "author": (2, 0, 0), "edition": (0, 0, 1), "work": (0, 1, 0),
    }  # fmt: skip
    code, out, _ = call("queue", "status")
    assert code == 0
    assert "author" in out


def test_jobs_are_listed(call: Call, jobs: dict[str, str]) -> None:
    active = result(call, "queue", "list")["jobs"]
    assert {job["id"] for job in active} == {jobs[name] for name in ("running", "first", "second")}
    assert [job["id"] for job in result(call, "queue", "list", "--state", "running")["jobs"]] == [jobs["running"]]
    [dead] = result(call, "queue", "list", "--state", "failed")["jobs"]
    assert (dead["key"], dead["status"], dead["error"]) == ("9780140328721", "failed", "no\nsuch thing")
    assert result(call, "queue", "list", "--kind", "work", "--limit", 1)["jobs"][0]["key"] == "OL45804W"
    _, out, _ = call("queue", "list", "--state", "dead")
    assert "no such thing" in out


def test_a_dead_job_is_retried(call: Call, jobs: dict[str, str]) -> None:
    assert result(call, "queue", "retry", jobs["dead"]) == {"jobs": 1}
    code, out, err = call("queue", "retry", jobs["running"], uuid4())
    assert (code, out) == (1, "0 jobs due now\n")
    assert "2 others are" in err


def test_all_dead_jobs_are_retried(call: Call, jobs: dict[str, str]) -> None:
    assert result(call, "queue", "retry", "--dead", "--kind", "work") == {"jobs": 0}
    assert result(call, "queue", "retry", "--dead") == {"jobs": 1}


def test_jobs_are_dropped(call: Call, jobs: dict[str, str]) -> None:
    assert result(call, "queue", "drop", jobs["first"]) == {"jobs": 1}
    assert result(call, "queue", "drop", jobs["running"], code=1) == {"jobs": 0}
    assert result(call, "queue", "drop", "--all", "--kind", "author") == {"jobs": 1}
    assert result(call, "queue", "drop", "--all") == {"jobs": 0}


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["retry"], "id"),
        (["drop"], "id"),
        (["drop", "x"], "id"),
        (["retry", str(UUID(int=1)), "--dead"], "id"),
        (["drop", str(UUID(int=1)), "--kind", "edition"], "kind"),
        (["list", "--state", "lost"], "state"),
    ],
)
def test_bad_usage_names_what_is_wrong(call: Call, arguments: list[str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        call("queue", *arguments)
    assert refused.value.field == field


def test_drain_waits_for_what_could_run(call: Call, jobs: dict[str, str], database_url: str) -> None:
    assert result(call, "queue", "drain", "--timeout", 0.2, code=1) == {"left": 3, "waiting": 0}
    on_queue(database_url, end_all)
    assert result(call, "queue", "drain") == {"left": 0, "waiting": 0}
    code, out, _ = call("queue", "drain")
    assert (code, out) == (0, "nothing is left to do now\n")


async def end_all(db: Database) -> None:
    await db.execute(sql("delete from queue.jobs"))
    await db.execute(sql("delete from queue.tallies"))
