"""`mirror` and `lookup`: from dump files to editions on the screen."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from alexandria.biblio.isbn import hyphenate, isbn10, parse_isbn
from alexandria.sample.catalogue import sample_isbns
from tests.cli.conftest import Calls, Program, wait_for
from tests.dumps import edition, line, write
from tests.mirror.dump_server import DAY, DumpServer, Fault, dump_of, serving

ISBNS = sample_isbns()


def test_real_dump_files_account_for_every_line(on_database: Program, fixtures_dir: Path) -> None:
    files = sorted((fixtures_dir / "openlibrary" / "dump").iterdir())
    lines = sum(len(_lines(file)) for file in files)
    result = on_database.result("mirror", "load", *files)
    report = result["report"]
    assert report["lines"] == lines > 2000
    assert sum(report["copied"].values()) + sum(report["rejected"].values()) == lines
    assert {reject["reason"]: reject["count"] for reject in result["rejects"]} == report["rejected"]
    assert all(reject["sample"] for reject in result["rejects"])
    status = on_database.result("mirror", "status")
    assert status["rows"]["editions"] == report["tables"]["editions"] > 700
    assert status["last_load"]["lines"] == lines
    assert status["last_load"]["rejects"] == result["rejects"]


def _lines(file: Path) -> list[bytes]:
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return [line for line in data.split(b"\n") if line.strip(b"\r")]


def test_a_load_is_told_in_a_table(call_on_database: Calls, sample_files: list[Path], tmp_path: Path) -> None:
    odd = tmp_path / "odd.txt"
    odd.write_text("/type/edition\tonly two\n/type/edition\tonly two\n")
    code, out, err = call_on_database("mirror", "load", *sample_files, odd)
    if code == 1:  # a file of nothing but damaged lines is no dump
        assert "odd.txt" in err
        code, out, err = call_on_database("mirror", "load", *sample_files)
    assert code == 0, err
    for word in ("copied", "superseded", "rows now", "editions", "redirects", "lines/s", "300"):
        assert word in out
    assert "Traceback" not in err
    assert err.count("\n") < 30
    _status_is_told(call_on_database)
    _lookup_works(call_on_database)


def _status_is_told(call: Calls) -> None:
    code, out, _ = call("mirror", "status")
    assert code == 0
    for word in ("newest record", "bytes per edition", "on disk", "last load: live", "ol_full_dump_version"):
        assert word in out
    status = call.result("mirror", "status")
    assert status["loaded"] is True
    assert status["rows"]["editions"] == 300
    assert status["disk_bytes"]["editions"] > 0
    assert status["bytes_per_edition"] > 0
    assert status["newest"]["editions"] > "20"


def _lookup_works(call: Calls) -> None:
    number = parse_isbn(ISBNS.hit)
    forms = [ISBNS.hit, hyphenate(number), isbn10(number)]
    results = call.result("lookup", *forms)["results"]
    assert [result["isbn"] for result in results] == forms
    assert {result["edition"]["title"] for result in results} == {"The Great Gatsby"}
    code, out, _ = call("lookup", ISBNS.hit, ISBNS.script)
    assert code == 0
    for word in ("The Great Gatsby", "F. Scott Fitzgerald", "978-0-7432-7356-5", "Το επινοημένο βιβλίο"):
        assert word in out
    code, out, err = call("lookup", ISBNS.hit, ISBNS.miss)
    assert (code, err) == (1, f"{ISBNS.miss}: not in the catalogue\n")
    assert "The Great Gatsby" in out
    results = call.result("lookup", ISBNS.hit, ISBNS.miss, code=1)["results"]
    assert [result["status"] for result in results] == ["found", "missing"]


def test_a_part_of_a_dump(call_on_database: Calls, sample_files: list[Path]) -> None:
    result = call_on_database.result("mirror", "load", *sample_files, "--with-isbn", "--languages", "ger,French")
    assert 0 < result["report"]["tables"]["editions"] < 300
    assert any(reject["reason"].startswith("filtered") for reject in result["rejects"])


def test_a_refused_dump_is_one_line_and_is_remembered(call_on_database: Calls, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt.gz"
    empty.write_bytes(b"")
    code, out, err = call_on_database("mirror", "load", empty)
    assert (code, out) == (1, "")
    assert "empty.txt.gz" in err.splitlines()[-1]
    code, out, err = call_on_database("mirror", "load", tmp_path / "absent.txt")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "absent.txt: cannot be read" in err
    status = call_on_database.result("mirror", "status")
    assert status["loaded"] is False
    assert status["last_load"]["state"] == "refused"
    code, out, err = call_on_database("mirror", "status")
    assert "alexandria mirror load FILE…" in err


def test_a_rollback_says_what_serves_now(call_on_database: Calls, tmp_path: Path) -> None:
    code, out, err = call_on_database("mirror", "rollback")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "no previous mirror" in err
    for name, count in (("may", 10), ("june", 11)):
        work = [line("work", 1, title="W")]
        path = write(tmp_path / f"{name}.txt.gz", work + [edition(n, 1, ISBNS.hit) for n in range(1, count + 1)])
        assert call_on_database("mirror", "load", path)[0] == 0
    code, out, _ = call_on_database("mirror", "rollback")
    assert (code, out) == (0, "may.txt.gz serve again: 10 editions, newest record of 2020-01-01\n")
    assert call_on_database.result("mirror", "status")["rows"]["editions"] == 10
    result = call_on_database.result("mirror", "rollback")
    assert [Path(name).name for name in result["files"]] == ["june.txt.gz"]
    assert result["rows"]["editions"] == 11
    assert result["newest"]["editions"] > "2020"


@pytest.fixture
def dumps() -> Iterator[DumpServer]:
    with serving() as server:
        yield server


@pytest.fixture
def call_on_dumps(call: Calls, dumps: DumpServer, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Commands in this process that find the dumps at a server of ours."""
    monkeypatch.setenv("ALEXANDRIA_DUMPS_URL", f"{dumps.base}/")
    return call


def test_a_download_is_told_in_a_table(call_on_dumps: Calls, dumps: DumpServer, tmp_path: Path) -> None:
    code, out, err = call_on_dumps("mirror", "download")
    assert code == 0, err
    folder = tmp_path / "data" / "dumps"
    for word in (f"Dumps of {DAY}", *map(dumps.name, dumps.dumps), "200.1 kB", "size, sha1, md5"):
        assert word in out
    assert out.splitlines()[-1] == f"load them: alexandria mirror load {folder}/ol_dump_*_{DAY}.txt.gz"
    stages = [text.split(":")[0] for text in err.splitlines()]
    assert stages[0] == "looking for the dumps"
    assert {"fetching editions", "checking editions", "fetching deletes"} <= set(stages)
    assert len(stages) <= 11
    code, out, _ = call_on_dumps("mirror", "download", "--date", DAY)
    assert (code, out.count("was there")) == (0, 5)


def test_a_download_as_json(call_on_dumps: Calls, dumps: DumpServer, tmp_path: Path) -> None:
    dumps.metadata = b"{}"
    result = call_on_dumps.result("mirror", "download", "--types", "works, authors,works", "--out", "here")
    assert result["date"] == DAY
    assert [(file["type"], file["path"]) for file in result["files"]] == [
        (kind, str(tmp_path / "here" / dumps.name(kind))) for kind in ("authors", "works")
    ]
    assert {tuple(file["checked"]) for file in result["files"]} == {("size", "gzip")}
    assert sum("no checksum to be had" in text for text in result["warnings"]) == 2


def test_a_download_that_is_refused_is_one_line(call_on_dumps: Calls, dumps: DumpServer) -> None:
    dumps.dumps["works"].data = gzip.compress(b"")
    code, out, err = call_on_dumps("mirror", "download")
    assert (code, out) == (1, "")
    assert err.splitlines()[1:] == [
        f"alexandria: {dumps.name('works')}: it is published empty (20 bytes); name another date with --date"
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--types", "works,books"), "types: books: no type of dump; there are authors, works,"),
        (("--types", ","), "types: name one at least of authors,"),
        (("--date", "june"), "date: 'june' is no day; write it as YYYY-MM-DD"),
        (("--date", "2999-01-01"), "date: 2999-01-01 is yet to come"),
    ],
)
def test_what_cannot_be_asked_for(call: Calls, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = call("mirror", "download", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DUMPS_URL", "ftp://example.org", "ALEXANDRIA_DUMPS_URL must look like https://host/path"),
        ("CONTACT", "me (at home)", "ALEXANDRIA_CONTACT must be an e-mail address or a web page"),
    ],
)
def test_settings_of_a_download(call: Calls, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"ALEXANDRIA_{name}", value)
    code, _, err = call("mirror", "download")
    assert code == 2
    assert said in err


def test_a_download_without_a_contact_says_what_to_set(call: Calls) -> None:
    code, out, err = call("mirror", "download")
    assert (code, out) == (1, "")
    assert "no request to openlibrary.org without a contact: set ALEXANDRIA_CONTACT" in err.splitlines()[-1]


@pytest.mark.parametrize("held_at", [100_000, 3_000_000])
def test_a_download_killed_in_the_middle_goes_on(program: Program, dumps: DumpServer, held_at: int) -> None:
    program.environ["ALEXANDRIA_DUMPS_URL"] = dumps.base
    works = dumps.dumps["works"]
    works.data = dump_of("works", 4_000_000)
    works.faults = [Fault(hold_at=held_at)]
    folder = program.folder / "data" / "dumps"
    part = folder / f"{dumps.name('works')}.part"
    process = program.start("mirror", "download")
    assert process.stdout
    try:
        wait_for(lambda: part.exists() and part.stat().st_size == held_at, "the part that the server gives")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert not (folder / dumps.name("works")).exists()
    files = {file["type"]: file for file in program.result("mirror", "download")["files"]}
    assert (folder / dumps.name("works")).read_bytes() == works.data
    assert (files["works"]["resumed"], files["works"]["fetched"]) == (True, len(works.data) - held_at)
    assert files["authors"]["fetched"] == 0
    assert dumps.transfers("works")[-1].range == f"bytes={held_at}-"
    assert dumps.transfers("works")[-1].bytes == len(works.data) - held_at
    assert sorted(path.name for path in folder.iterdir()) == sorted(map(dumps.name, dumps.dumps))
