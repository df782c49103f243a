"""`python -m storm.alerts`: every fault raises its alert and no other, on the wall clock, and mending resolves it.

The whole program runs in real processes on its embedded PostgreSQL, with the simulated providers; faults are injected
in waves, several at a time if they do not meddle with each other, and the alerts are those that its own watch writes.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console

from alexandria.cli.address import free_port
from alexandria.cli.progress import Bar
from alexandria.db import OperationalError
from alexandria.errors import AlexandriaError, DatabaseUnavailable
from alexandria.simulator import Simulator
from alexandria.simulator.open_library.dumps import last_month
from bench.result import Figure, figure
from bench.workspace import workspace
from storm import report
from storm.checks import Check
from storm.faults import LAST_HOUR, LIMIT, WAVES, Fault, Site
from storm.place import HOST, Place, StormFailed
from storm.run import FOLLOWED, SETTINGS

NAME: Final = "alerts"
MOST: Final = 60.0  # seconds until an alert must be raised
PATIENCE: Final = 100.0  # seconds for which one is waited for, to tell how late it is
LONGEST: Final = 240.0  # seconds until all must be resolved
OPEN: Final = "select rule, subject from ops.alerts where resolved_at is null"
LAST: Final = "select coalesce(max(id), 0) from ops.alerts"
SEEN: Final = "select rule, subject, raised_at, resolved_at from ops.alerts where id > %(after)s order by id"

Name = tuple[str, str]  # rule and subject


class Seen(msgspec.Struct):
    """What became of one fault: seconds until its alert was raised, and resolved after it was mended (None: never)."""

    rule: str
    subject: str
    about: str
    raised: float | None
    resolved: float | None


class Wave(msgspec.Struct):
    """What came of some faults at once: alerts that none of them explains, and what the API said was wrong."""

    seen: list[Seen]
    others: list[str]
    told: bool


def run_alerts(folder: Path, waves: Sequence[Sequence[Fault]] = WAVES) -> list[Wave]:
    """What came of each wave of faults. Raises StormFailed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    with Simulator(limited=False) as simulator:
        own = {**SETTINGS, "GOOGLE_BOOKS_DAILY_LIMIT": str(LIMIT), "GOOGLE_BOOKS_BUFFER": "0"}
        environ = {**{f"ALEXANDRIA_{name}": value for name, value in own.items()}, **simulator.environ}
        with Place(folder, [free_port(HOST)], environ, workers=1) as place, Bar("starting") as bar:
            _load_mirror(place)
            place.start()
            site, found = Site(place, simulator), []
            for number, faults in enumerate(waves, 1):
                bar.show(f"wave {number} of {len(waves)}", 0, 0, ", ".join(each.rule for each in faults))
                wave = _run_wave(site, faults)
                found.append(wave)
                said = (f"{each.rule} {_shown(each.raised)} and {_shown(each.resolved)}" for each in wave.seen)
                bar.show(f"wave {number} raised and resolved", 0, 0, "; ".join(said))
            return found


def _shown(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.0f} s"


def _load_mirror(place: Place) -> None:
    """Nothing; the dump before the newest one serves, and changes are read."""
    day = last_month(last_month(datetime.now(UTC).date()))
    for arguments in (("download", "--date", day), ("load", *(place.data_dir / "dumps" / f"ol_dump_{kind}_{day}.txt.gz"
                                                              for kind in ("authors", "works", "editions",
                                                                           "redirects", "deletes")))):  # fmt: skip
        done = place.command("mirror", *arguments)
        if done.returncode:
            raise StormFailed(f"alexandria mirror {arguments[0]}: {done.stderr.strip()[-300:]}")
    place.rows(FOLLOWED)


def _run_wave(site: Site, faults: Sequence[Fault]) -> Wave:
    """All of them are made, seen, mended and gone."""
    uses = any(fault.rule.startswith("quota") for fault in faults)
    site.next_day() if uses else site.next_day(LAST_HOUR)  # following changes uses up the day, too
    expected = {(fault.rule, fault.subject) for fault in faults}
    if already := _open(site):
        raise StormFailed(f"before any fault there are alerts: {already}")
    [(after,)] = site.place.rows(LAST)
    made: dict[Name, datetime] = {}
    for fault in faults:
        fault.make(site)
        made[fault.rule, fault.subject] = datetime.now(UTC)
    _until(lambda: _open(site) >= expected, PATIENCE)
    site.asker.close()  # it was idle for as long as the service waits
    status, body = site.asker.ask("GET", "/api/alerts")
    told = {(each["rule"], each["subject"]) for each in msgspec.json.decode(body)["alerts"]} if status == "200" else ()
    mended: dict[Name, datetime] = {}
    for fault in faults:
        fault.mend(site)
        mended[fault.rule, fault.subject] = datetime.now(UTC)
    _until(lambda: not _open(site), LONGEST)
    rows = site.place.rows(SEEN, {"after": after})
    return judge(faults, made, mended, rows, is_told=expected <= {*told} <= expected | _passed(faults))


def judge(
    faults: Sequence[Fault],
    made: dict[Name, datetime],
    mended: dict[Name, datetime],
    rows: Sequence[tuple[Any, ...]],
    *,
    is_told: bool,
) -> Wave:
    """What came of faults that were made and mended then, by the rows of the alerts since."""
    seen, left = [], [row[:2] for row in rows]
    for name in _passed(faults):
        with suppress(ValueError):
            left.remove(name)
    for fault in faults:
        name = fault.rule, fault.subject
        raised, resolved = next((row[2:] for row in rows if row[:2] == name), (None, None))
        if raised:
            left.remove(name)  # once; any more are too many
        seen.append(Seen(*name, fault.about, _seconds(raised, made[name]), _seconds(resolved, mended[name])))
    return Wave(seen, [f"{rule} ({subject})" for rule, subject in left], is_told)


def _passed(faults: Sequence[Fault]) -> set[Name]:
    """What may be seen once beside the faults' own alerts."""
    return {(rule, fault.subject) for fault in faults for rule in fault.passes}


def _seconds(at: datetime | None, since: datetime) -> float | None:
    return max((at - since) / timedelta(seconds=1), 0.0) if at else None


def _open(site: Site) -> set[Name]:
    return {(rule, subject) for rule, subject in site.place.rows(OPEN)}


def _until(condition: Any, seconds: float) -> None:
    """Nothing; the condition held, or so many seconds are over. The database may be away at times."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return
        except (DatabaseUnavailable, OperationalError):
            pass
        time.sleep(0.2)


def alerts_outcome(waves: Sequence[Wave]) -> report.Outcome:
    """What the waves say."""
    seen = [each for wave in waves for each in wave.seen]
    late = [each.rule for each in seen if each.raised is None or each.raised > MOST]
    stays = [each.rule for each in seen if each.resolved is None]
    others = [other for wave in waves for other in wave.others]
    return report.Outcome(
        name=NAME,
        title=f"Alerts: {len(seen)} faults, injected on the wall clock",
        command=".venv/bin/python -m storm.alerts",
        figures=[each for one in seen for each in _figures(one)],
        checks=[
            Check(f"every fault raised its alert within {MOST:g} seconds", len(late), ", ".join(late)),
            Check("every alert was resolved after its fault was mended", len(stays), ", ".join(stays)),
            Check("no alert was raised that no fault explains, and none twice", len(others), ", ".join(others)),
            Check("the API told exactly these alerts while they were open", sum(not wave.told for wave in waves)),
        ],
    )


def _figures(seen: Seen) -> list[Figure]:
    """Until it was raised, and until it was resolved."""
    name = f"`{seen.rule}` ({seen.subject})"
    raised = figure(f"{name} raised", [seen.raised], "s", goal=f"≤ {MOST:g}", met=seen.raised <= MOST,
                    note=seen.about) if seen.raised is not None else None  # fmt: skip
    resolved = figure(f"{name} resolved", [seen.resolved], "s") if seen.resolved is not None else None
    missing = Figure(name=f"{name} raised", value=None, unit="s", goal=f"≤ {MOST:g}", met=False, note=seen.about)
    return [raised or missing, *([resolved] if resolved else [])]


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 when an alert was missing, late, or too many."""
    parser = argparse.ArgumentParser(prog="python -m storm.alerts", description="Break everything: is it told?")
    parser.add_argument("--waves", type=int, nargs="*", metavar="N", help=f"only these of {len(WAVES)} (default: all)")
    parser.add_argument("--folder", type=Path, help="for the database, else ALEXANDRIA_BENCH_DIR/alerts")
    parser.add_argument("--results", type=Path, default=report.RESULTS, help="the folder of the JSON file")
    parser.add_argument("--page", action="store_true", help="write the result into docs/reliability.md")
    options, console = parser.parse_args(arguments), Console(stderr=True)
    folder: Path = options.folder or workspace() / NAME
    shutil.rmtree(folder, ignore_errors=True)
    waves = [wave for number, wave in enumerate(WAVES, 1) if not options.waves or number in options.waves]
    outcome = report.dated(alerts_outcome(run_alerts(folder, waves)))
    report.show(outcome, Console())
    console.print(f"wrote {report.write_outcome(outcome, options.results)}", markup=False)
    if options.page:
        report.write_page(folder=options.results)
    if not outcome.broken:
        shutil.rmtree(folder)
    return int(bool(outcome.broken))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AlexandriaError as error:
        Console(stderr=True).print(str(error), markup=False)
        sys.exit(1)
