"""`mirror download` against a real server: whole files of one date, whatever goes wrong on the way."""

import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from alexandria import __version__
from alexandria.errors import DumpRefused, NotEnoughDisk
from alexandria.mirror.download import Downloaded, DownloadRunning, Means, Progress, download_dumps
from alexandria.mirror.published import ARCHIVE_HOSTS, TYPES, NotPublished
from alexandria.net.fetch import Fetcher
from alexandria.net.retry import ContactMissing, FetchFailed
from tests.mirror.dump_server import DAY, Dump, DumpServer, Fault, dump_of, serving

WORKS = f"ol_dump_works_{DAY}.txt.gz"
CUT = 70_000


@pytest.fixture
def server() -> Iterator[DumpServer]:
    with serving() as server:
        yield server


class Run:
    """Downloads from the server into a folder; pauses are written down instead of waited for."""

    def __init__(self, server: DumpServer, out: Path) -> None:
        self.server, self.out = server, out
        self.pauses: list[float] = []

    def __call__(self, *types: str, free: int = 10**9, **options: Any) -> Downloaded:
        means = Means(pause=self.pauses.append, free_bytes=lambda folder: free)
        options = {"base": self.server.base, "out": self.out, "types": types or TYPES, "means": means, **options}
        return download_dumps(**options)

    def works(self, **options: Any) -> Downloaded:
        """The works alone, which must be what is published, under its name and nothing beside it."""
        report = self("works", **options)
        assert (self.out / WORKS).read_bytes() == self.server.dumps["works"].data
        assert not list(self.out.glob("*.part*"))
        return report

    def names(self) -> list[str]:
        return sorted(path.name for path in self.out.iterdir())


@pytest.fixture
def run(server: DumpServer, tmp_path: Path) -> Run:
    return Run(server, tmp_path / "dumps")


@pytest.fixture
def works(server: DumpServer) -> Dump:
    return server.dumps["works"]


def test_the_newest_of_every_type_is_fetched_and_checked(run: Run, server: DumpServer) -> None:
    seen: list[Progress] = []
    report = run(on_progress=seen.append)
    assert report.paths == [run.out / f"ol_dump_{kind}_{DAY}.txt.gz" for kind in TYPES]
    assert [path.read_bytes() for path in report.paths] == [server.dumps[kind].data for kind in TYPES]
    assert run.names() == sorted(path.name for path in report.paths)
    assert {file.checked for file in report.files} == {("size", "sha1", "md5")}
    assert (report.date, report.warnings, run.pauses) == (DAY, [], [])
    for kind in TYPES:
        assert server.asked(f"{kind}_latest") == 1
        assert len(server.transfers(kind)) == 1
    assert server.asked("/metadata/") == 1
    total = sum(len(dump.data) for dump in server.dumps.values())
    assert (seen[-1].done, seen[-1].total) == (total, total)


def test_who_we_are_is_said_on_every_request(run: Run, server: DumpServer) -> None:
    run("works", contact="me@example.org")
    assert {sent.agent for sent in server.log} == {
        f"Alexandria/{__version__} (+me@example.org) httpx2/{httpx2.__version__}"
    }


def test_what_is_there_is_not_fetched_again(run: Run, server: DumpServer) -> None:
    run.works()
    before = (run.out / WORKS).stat().st_mtime_ns
    (file,) = run.works(free=0).files
    assert (file.fetched, file.checked) == (0, ("size", "sha1", "md5"))
    assert len(server.transfers("works")) == 1
    assert (run.out / WORKS).stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", [b"x", b""])
def test_what_is_there_but_damaged_is_fetched_again(run: Run, server: DumpServer, damage: bytes) -> None:
    run.works()
    damaged = server.dumps["works"].data[:-1] + damage
    (run.out / WORKS).write_bytes(damaged)
    report = run.works()
    assert (run.out / f"{WORKS}.bad").read_bytes() == damaged
    assert len(report.warnings) == 1
    assert "fetching it again" in report.warnings[0]


def test_what_is_there_but_too_long_is_fetched_again(run: Run, server: DumpServer, works: Dump) -> None:
    server.metadata = b"{}"
    run.works()
    (run.out / WORKS).write_bytes(works.data + gzip.compress(b"more"))
    assert "bytes instead of 200," in run.works().warnings[-1]


@pytest.mark.parametrize("modified", [None, "Wed, 01 Jul 2026 00:00:00 GMT"])
def test_a_cut_connection_goes_on_where_it_was(run: Run, server: DumpServer, works: Dump, modified: str | None) -> None:
    if modified:
        works.etag, works.modified = 'W/"weak"', modified
    works.faults = [Fault(cut_at=CUT), Fault(cut_at=1000), Fault(cut_at=0)]
    (file,) = run.works().files
    assert [sent.range for sent in server.transfers("works")] == [
        None,
        f"bytes={CUT}-",
        f"bytes={CUT + 1000}-",
        f"bytes={CUT + 1000}-",
    ]
    assert {sent.condition for sent in server.transfers("works")} == {None, modified or '"1"'}
    assert sum(sent.bytes for sent in server.transfers("works")) == file.fetched == len(works.data)
    assert (len(run.pauses), file.resumed) == (3, False)


def test_another_run_goes_on_where_the_last_gave_up(run: Run, server: DumpServer, works: Dump) -> None:
    _give_up(run, works)
    (file,) = run.works().files
    assert file.resumed
    assert file.fetched == server.transfers("works")[-1].bytes == len(works.data) - CUT


def _give_up(run: Run, works: Dump) -> None:
    """Fetches CUT bytes and no more."""
    works.faults = [Fault(cut_at=CUT), *(Fault(status=500) for _ in range(5))]
    with pytest.raises(FetchFailed, match=r"answers 500 .*run it again later"):
        run("works")
    assert (run.out / f"{WORKS}.part").stat().st_size == CUT
    assert works.faults == []


def test_a_part_that_is_whole_already_is_only_checked(run: Run, server: DumpServer, works: Dump) -> None:
    _give_up(run, works)
    (run.out / f"{WORKS}.part").write_bytes(works.data)
    before = len(server.transfers("works"))
    (file,) = run.works(free=0).files
    assert (file.resumed, file.fetched, len(server.transfers("works"))) == (True, 0, before)


@pytest.mark.parametrize("kept", [b"", b"no json", None])
def test_a_part_of_an_unknown_version_is_started_again(run: Run, works: Dump, kept: bytes | None) -> None:
    _give_up(run, works)
    note = run.out / f"{WORKS}.part.json"
    note.unlink() if kept is None else note.write_bytes(kept)
    (file,) = run.works().files
    assert (file.resumed, file.fetched) == (False, len(works.data))


def test_a_host_that_ignores_ranges_starts_again(run: Run, works: Dump) -> None:
    works.faults = [Fault(cut_at=CUT), Fault(ignore_range=True)]
    (file,) = run.works().files
    assert file.fetched == len(works.data) + CUT


def test_a_part_is_never_longer_than_what_is_known_to_be_good(run: Run, works: Dump) -> None:
    works.faults = [Fault(cut_at=CUT), Fault(cut_at=1000, ignore_range=True), *(Fault(status=500) for _ in range(5))]
    with pytest.raises(FetchFailed):
        run("works")
    assert (run.out / f"{WORKS}.part").stat().st_size == 1000
    run.works()


def test_a_host_that_always_cuts_and_ignores_ranges_does_not_keep_us_for_ever(run: Run, works: Dump) -> None:
    works.faults = [Fault(cut_at=CUT, ignore_range=True) for _ in range(50)]
    with pytest.raises(FetchFailed, match="6 times in a row"):
        run("works")
    assert len(run.pauses) == 5


def test_without_a_version_nothing_is_resumed(run: Run, server: DumpServer, works: Dump) -> None:
    works.etag = None
    works.faults = [Fault(cut_at=CUT)]
    run.works()
    assert [sent.range for sent in server.transfers("works")] == [None, None]


@pytest.mark.parametrize("by_etag", [True, False])
def test_a_file_that_changed_between_runs_starts_from_zero(run: Run, works: Dump, by_etag: bool) -> None:
    if not by_etag:
        works.etag, works.modified = None, "Wed, 01 Jul 2026 00:00:00 GMT"
    _give_up(run, works)
    works.replace(works.data[:-1] + b"x")  # of the same size
    (file,) = run.works().files
    assert (file.resumed, file.fetched) == (False, len(works.data))


@pytest.mark.parametrize("ignores", [False, True])
@pytest.mark.parametrize("size", [50_000, 200_000])
def test_a_file_that_changes_meanwhile_starts_from_zero(run: Run, works: Dump, size: int, ignores: bool) -> None:
    fresh = dump_of("fresh", size)
    works.faults = [Fault(cut_at=CUT), Fault(replaced_by=fresh, ignore_condition=ignores)]
    report = run.works()
    assert report.files[0].bytes == len(fresh)
    assert report.files[0].checked == ("size", "sha1", "md5")
    assert "changed at the archive" in report.warnings[0]


def test_a_file_that_keeps_changing_is_given_up(run: Run, works: Dump) -> None:
    works.faults = [Fault(replaced_by=dump_of(str(number))) for number in range(20)]
    with pytest.raises(DumpRefused, match="keeps changing"):
        run("works")


@pytest.mark.parametrize("how", ["md5", "sha1"])
def test_a_wrong_checksum_is_refused(run: Run, works: Dump, how: str) -> None:
    works.listed[how] = "0" * 32
    with pytest.raises(DumpRefused, match=f"its {how} is .* by the archive's list"):
        run("works")
    assert run.names() == [f"{WORKS}.bad"]
    del works.listed[how]
    run.works()


def test_a_size_that_is_not_the_listed_one_is_refused_before_it_is_fetched(
    run: Run, server: DumpServer, works: Dump
) -> None:
    works.listed["size"] = str(len(works.data) + 1)
    with pytest.raises(DumpRefused, match="still being uploaded"):
        run("works")
    assert server.transfers("works") == []


@pytest.mark.parametrize("metadata", [b"{}", b"<html>", b'{"files": 1}', b'{"files": [{"name": "other"}]}', None])
def test_without_checksums_the_whole_gzip_is_tested_and_it_is_said(
    run: Run, server: DumpServer, metadata: bytes | None
) -> None:
    server.metadata = metadata
    if metadata is None:
        server.faults[f"/metadata/ol_dump_{DAY}"] = [Fault(status=503) for _ in range(10)]
    said: list[str] = []
    report = run.works(on_warning=said.append)
    assert report.files[0].checked == ("size", "gzip")
    assert said == report.warnings
    assert "no checksum to be had" in said[-1]


@pytest.mark.parametrize("cut", [8, 100_000])
def test_a_truncated_gzip_is_refused_without_checksums(run: Run, server: DumpServer, works: Dump, cut: int) -> None:
    server.metadata, works.data = b"{}", works.data[:-cut]
    with pytest.raises(DumpRefused, match="damaged or was cut short"):
        run("works")
    assert run.names() == [f"{WORKS}.bad"]


def test_a_large_gzip_of_nothing_is_refused(run: Run, server: DumpServer, works: Dump) -> None:
    server.metadata, works.data = b"{}", gzip.compress(b"") * 10
    with pytest.raises(DumpRefused, match="holds nothing"):
        run("works")


@pytest.mark.parametrize("size", [0, 20, 56])
def test_an_empty_dump_is_refused(run: Run, server: DumpServer, works: Dump, size: int) -> None:
    works.data = (gzip.compress(b"") + b"\0" * 40)[:size]
    with pytest.raises(DumpRefused, match="it is published empty"):
        run()
    assert run.names() == []
    assert not any(server.transfers(kind) for kind in TYPES)


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8", "application/octet-stream"])
def test_a_page_instead_of_a_dump_is_refused(run: Run, works: Dump, kind: str) -> None:
    works.data, works.content_type = b"<html>We will be back soon.</html>" * 100, kind
    with pytest.raises(DumpRefused, match=f"no gzip file but {kind.partition(';')[0]}"):
        run("works")
    assert run.names() == []


@pytest.mark.parametrize("where", [f"/download/ol_dump_{DAY}/{WORKS}", "/data/ol_dump_works_latest.txt.gz"])
def test_a_dump_that_is_still_being_made(run: Run, server: DumpServer, where: str) -> None:
    server.faults[where] = [Fault(status=404)]
    with pytest.raises(NotPublished, match=r"still publishing; try again in a day or name a date with --date YYYY-MM"):
        run()
    assert not any(server.transfers(kind) for kind in TYPES)


def test_files_of_two_dates_are_refused(run: Run, server: DumpServer) -> None:
    server.dumps["works"].day = "2026-05-31"
    with pytest.raises(DumpRefused, match=f"works 2026-05-31, editions {DAY}.* --date 2026-05-31"):
        run()
    assert not any(server.transfers(kind) for kind in TYPES)


def test_a_date_can_be_named(run: Run, server: DumpServer) -> None:
    run.works(day=date.fromisoformat(DAY))
    assert server.asked("latest") == 0
    with pytest.raises(NotPublished, match="there is no dump of 2026-01-31; the dates are at archive"):
        run(day=date(2026, 1, 31))


def test_a_plain_folder_on_a_web_server_will_do(run: Run, server: DumpServer) -> None:
    base = f"{server.url}/node/mine"
    report = run.works(base=base, day=date.fromisoformat(DAY))
    assert report.files[0].checked == ("size", "gzip")
    with pytest.raises(NotPublished, match="try again in a day"):
        run(base=base)


def test_a_latest_that_names_no_date_is_refused(run: Run, server: DumpServer) -> None:
    server.locations["/data/ol_dump_works_latest.txt.gz"] = server.node("works") + ".torrent"
    server.locations[server.node("works") + ".torrent"] = f"/metadata/ol_dump_{DAY}"
    with pytest.raises(NotPublished, match="no dump with a date in its name"):
        run("works")


def test_a_busy_host_is_given_the_time_it_asks_for(run: Run, works: Dump) -> None:
    works.faults = [Fault(status=503, headers={"Retry-After": "7"}), Fault(status=429, headers={"Retry-After": "3"})]
    run.works()
    assert run.pauses == [7, 3]
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    works.faults = [Fault(status=503, headers={"Retry-After": when})]
    (run.out / WORKS).unlink()
    run.works()
    assert 50 < run.pauses[2] <= 100


def test_pauses_grow(run: Run, server: DumpServer) -> None:
    server.faults["/data/ol_dump_works_latest.txt.gz"] = [Fault(status=502) for _ in range(5)]
    run.works()
    assert len(run.pauses) == 5
    assert all(2**number <= pause <= 1.25 * 2**number for number, pause in enumerate(run.pauses))


def test_a_host_that_asks_for_too_much_time_is_left(run: Run, works: Dump) -> None:
    works.faults = [Fault(status=503, headers={"Retry-After": "7200"})]
    with pytest.raises(FetchFailed, match="asks to wait 120 minutes"):
        run("works")
    assert run.pauses == []


def test_nobody_there(run: Run, server: DumpServer, tmp_path: Path) -> None:
    with serving() as gone:
        base = gone.base
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1 does not answer as it should .*run it again later"):
        run(base=base)
    assert len(run.pauses) == 5


def test_a_disk_too_small_is_told_before_anything_is_fetched(run: Run, server: DumpServer) -> None:
    need = sum(len(dump.data) for dump in server.dumps.values())
    with pytest.raises(NotEnoughDisk, match=f"need {need:,} more bytes .* {1000:,} bytes are missing"):
        run(free=need - 1000)
    assert not any(server.transfers(kind) for kind in TYPES)
    run(free=need)


def test_what_is_there_already_takes_no_room(run: Run, works: Dump) -> None:
    _give_up(run, works)
    with pytest.raises(NotEnoughDisk, match=" 1 bytes are missing"):
        run("works", free=len(works.data) - CUT - 1)
    run.works(free=len(works.data) - CUT)


def test_only_one_download_writes_into_a_folder(run: Run) -> None:
    def meanwhile(progress: Progress) -> None:
        with pytest.raises(DownloadRunning, match="another download"):
            run("authors")

    run.works(on_progress=meanwhile)
    run("authors")


def test_no_request_leaves_this_machine_without_a_contact(run: Run, server: DumpServer) -> None:
    with pytest.raises(ContactMissing, match=r"openlibrary\.org .* set ALEXANDRIA_CONTACT"):
        run(base="https://openlibrary.org/data")
    server.locations[server.node("works")] = "https://archive.org/elsewhere"
    with pytest.raises(ContactMissing, match=r"archive\.org"):
        run("works")


@pytest.mark.parametrize("target", ["http://10.0.0.1/x", "https://archive.org.example/x", "ftp://archive.org/x"])
def test_redirects_lead_to_expected_hosts_only(run: Run, server: DumpServer, target: str) -> None:
    server.locations[f"/download/ol_dump_{DAY}/{WORKS}"] = target
    with pytest.raises(FetchFailed, match="which is no host we expect"):
        run("works", contact="me@example.org")


def test_redirects_in_a_circle_end(run: Run, server: DumpServer) -> None:
    server.locations[server.node("works")] = server.node("works")
    with pytest.raises(FetchFailed, match="more than 5 times"):
        run("works")
    assert server.asked("/node/") < 10


def test_a_redirect_never_leaves_encryption() -> None:
    with Fetcher("me@example.org", ARCHIVE_HOSTS) as fetcher:
        here = httpx2.URL("https://openlibrary.org/data/x")
        assert str(fetcher._redirected(here, "http://archive.org/x")) == "https://archive.org/x"
        assert str(fetcher._redirected(here, "//ia800.us.archive.org/x")) == "https://ia800.us.archive.org/x"
        with pytest.raises(FetchFailed):
            fetcher._redirected(here, "https://notarchive.org/x")
        with pytest.raises(FetchFailed):
            fetcher._redirected(here, "http://127.0.0.1/x")


def test_no_password_is_shown(run: Run, server: DumpServer) -> None:
    base = server.base.replace("//", "//me:secret@")
    server.faults["/data/ol_dump_works_latest.txt.gz"] = [Fault(status=403)]
    with pytest.raises(FetchFailed) as caught:
        run("works", base=base)
    assert "secret" not in str(caught.value)
    assert "answers 403" in str(caught.value)
