"""`python -m storm`: a storm. What was begun in the folder goes on; what is over begins anew."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from alexandria.errors import AlexandriaError
from bench.workspace import workspace
from storm import report
from storm.plan import STATE, Plan
from storm.run import run_storm


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    plan = Plan()
    parser = argparse.ArgumentParser(prog="python -m storm", description="Kill everything, again and again.")
    parser.add_argument("--jobs", type=int, default=plan.jobs, help=f"ISBNs to look for (default {plan.jobs:,})")
    parser.add_argument("--workers", type=int, default=plan.workers, help="worker processes")
    parser.add_argument("--every", type=float, default=plan.every, help="seconds between two kills, on average")
    parser.add_argument("--seed", type=int, default=plan.seed, help="of who is killed, and of who asks for what")
    parser.add_argument("--folder", type=Path, help="for the database and the state, else ALEXANDRIA_BENCH_DIR/storm")
    parser.add_argument("--results", type=Path, default=report.RESULTS, help="the folder of the JSON file")
    parser.add_argument("--fresh", action="store_true", help="begin anew, although one was interrupted")
    parser.add_argument("--page", action="store_true", help="write the result into docs/reliability.md")
    parser.add_argument("--only-page", action="store_true", help="run nothing, write the page from what is there")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 when something is broken."""
    options, console = parse(arguments), Console(stderr=True)
    if options.only_page:
        report.write_page(folder=options.results)
        return 0
    folder: Path = options.folder or workspace() / "storm"
    if options.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    elif (folder / STATE).exists():
        console.print(f"going on with the storm of {folder} (--fresh begins anew)", markup=False)
    plan = Plan(jobs=options.jobs, workers=options.workers, every=options.every, seed=options.seed)
    outcome = report.dated(report.storm_outcome(*run_storm(folder, plan)))
    put_away(folder, keep=bool(outcome.broken), console=console)
    report.show(outcome, Console())
    console.print(f"wrote {report.write_outcome(outcome, options.results)}", markup=False)
    if options.page:
        report.write_page(folder=options.results)
    return int(bool(outcome.broken))


def put_away(folder: Path, *, keep: bool, console: Console) -> None:
    """Nothing; the folder is gone, or under another name where somebody is to look into it."""
    if keep:
        kept = folder.with_name(f"{folder.name}-broken")
        shutil.rmtree(kept, ignore_errors=True)
        folder.rename(kept)
        console.print(f"the database and the logs are in {kept}", markup=False)
    else:
        shutil.rmtree(folder)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AlexandriaError as error:
        Console(stderr=True).print(str(error), markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        Console(stderr=True).print("interrupted; the same command goes on with this storm")
        sys.exit(130)
