"""`mirror` and `lookup`: from dump files to editions on the screen."""

import gzip
from pathlib import Path

from alexandria.biblio.isbn import hyphenate, isbn10, parse_isbn
from alexandria.sample.catalogue import sample_isbns
from tests.cli.conftest import Calls, Program

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
