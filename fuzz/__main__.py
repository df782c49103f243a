"""`python -m fuzz [NAME…] [--seconds N]`: lets atheris look for bytes that break a parser; needs `pip install atheris`.

Begins from the committed cases and, where they are, the recorded answers (`--fixtures`). What it finds is written to
`--found` (a file each) and ends the run with 1: the file goes into `fuzz/corpus/NAME/`, where the tests find it.
"""

import argparse
import importlib
import importlib.util
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from fuzz import TARGETS

HERE = Path(__file__).parent
FIXTURES = HERE.parents[1] / "shared" / "fixtures"
LONGEST = 20_000  # bytes of an input


def run_all(options: argparse.Namespace) -> int:
    """The exit code; each target runs in a process of its own, since libFuzzer ends its process."""
    failed = []
    for name in options.names or TARGETS:
        command = [sys.executable, "-m", "fuzz", name, "--inside", "--seconds", str(options.seconds)]
        command += ["--found", str(options.found), "--fixtures", str(options.fixtures)]
        if subprocess.run(command, cwd=HERE.parent).returncode:
            failed.append(name)
    if failed:
        sys.stderr.write(f"found something in {', '.join(failed)}: see {options.found}\n")
    return int(bool(failed))


def run_one(name: str, options: argparse.Namespace) -> None:
    """Nothing; libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["alexandria"]):
        target = importlib.import_module(f"fuzz.{name}")
    found = options.found / name
    found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as seeds:
        for data in target.seeds(options.fixtures):
            (Path(seeds) / sha256(data).hexdigest()[:16]).write_bytes(data)
        corpus = HERE / "corpus" / name
        arguments = [f"-max_total_time={options.seconds}", f"-max_len={LONGEST}", "-timeout=10", "-rss_limit_mb=3000"]
        arguments += [f"-artifact_prefix={found}/", "-print_final_stats=1", "-verbosity=1", seeds]
        atheris.Setup(["fuzz", *arguments, *([str(corpus)] if corpus.is_dir() else [])], target.check)
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m fuzz", description="Feed hostile bytes to parsers. Without names: all."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*TARGETS, []], help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=int, default=60, help="for each (default 60)")
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"), help="the folder for what breaks something")
    parser.add_argument("--fixtures", type=Path, default=FIXTURES, help="the folder of recorded answers")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        sys.stderr.write("fuzzing needs atheris: .venv/bin/python -m pip install atheris\n")
        return 1
    if not options.inside:
        return run_all(options)
    run_one(options.names[0], options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
