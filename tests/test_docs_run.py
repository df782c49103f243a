"""Every command of tutorial and README runs, in order, in one shell, and says what the page shows.

`alexandria up` is started for real and stays up; port 8000 of a page is one that is free. Providers and the publisher
of dumps are simulated. In an answer `…` stands for anything and a number for any number.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from uuid import uuid4

import pytest

from alexandria.cli.address import free_port
from alexandria.config import variable
from alexandria.mirror.published import TYPES
from alexandria.sample.catalogue import write_sample
from alexandria.simulator.launch import Simulator
from tests.cli.conftest import HOST, Calls
from tests.cli.conftest import call as call
from tests.conftest import fresh_database
from tests.mirror.dump_server import Dump, serving
from tests.test_docs import DOCS, FENCE, ROOT, read
from tests.waiting import until

# They make the environment that this runs in, run this, and are run by tests/cli/test_demo.py.
ELSEWHERE = {"make setup", "make test", "make demo"}
SHORTER = {"--editions 50000": "--editions 1300"}  # what takes long is run with less
_REFUSED = re.compile(r"^(alexandria: |\d+: not in the catalogue)", re.MULTILINE)  # shown where exit code 1 is meant
_NUMBER = re.compile(r"(?<![A-Za-z\d])\d[\d.,:TZ-]*")


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and what the page shows as its answer."""

    command: str
    answer: str = ""


def steps(page: Path) -> Iterator[Step]:
    """The commands of a page in order: lines of `sh` blocks, prompts of `console` blocks."""
    for language, block in FENCE.findall(read(page)):
        if language == "sh":
            lines = re.split(r"(?<!\\)\n", block)  # a backslash continues a command
            yield from (Step(command) for line in lines if (command := re.sub(r"(^|\s+)#.*$", "", line)).strip())
        elif language == "console":
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, answer = part.partition("\n")
                yield Step(command, answer)


def says(answer: str, shown: str) -> bool:
    """Whether an answer is what a page shows: all that stands between `…`, in this order."""
    place, said = 0, _plain(answer)
    for part in map(_plain, shown.split("…")):
        found = said.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True


def _plain(text: str) -> str:
    """Without the breaks that depend on a terminal's width, and with one sign for every number."""
    return _NUMBER.sub("#", " ".join(text.split()))


class Shell:
    """One bash for all pages, so that what a command sets is there for the next."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._mark = uuid4().hex
        self._process = subprocess.Popen(
            ["bash"], cwd=folder, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, command: str) -> tuple[int, str]:
        """The exit code, and what was said on stdout and stderr."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{command}\nprintf '\\n%s %s\\n' {self._mark} $?\n")
        self._process.stdin.flush()
        said = ""
        for line in self._process.stdout:
            if line.startswith(self._mark):
                return int(line.split()[1]), said
            said += line
        pytest.fail(f"the shell ended: {said}")

    def close(self) -> None:
        """Nothing; the shell has ended."""
        self._process.communicate()


class Reader:
    """Somebody who types what a page says. What a page starts runs until it starts something else."""

    def __init__(self, folder: Path, environ: Mapping[str, str], call: Calls) -> None:
        self.folder = folder / "checkout"
        self.folder.mkdir(parents=True)
        (self.folder / ".venv").symlink_to(Path(sys.executable).parents[1])
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ALEXANDRIA_")}
        self._call = call
        self.shell = Shell(self.folder, {**kept, "HOME": str(folder), "COLUMNS": "200", **environ})
        self.log = folder / "log"
        self.port = 0

    def set(self, name: str, value: object) -> None:
        """Nothing; a setting of whatever is run from now on."""
        self.shell.run(f"export {variable(name)}='{value}'")

    def start(self, command: str) -> None:
        """Nothing; a command runs beside the shell, in the place of the one before, and is ready."""
        self.stop()
        self.port = free_port(HOST)
        self.set("port", self.port)
        self.log.write_text("")
        self.shell.run(f"{command} >{self.log} 2>&1 &")
        until(lambda: "\nready http" in f"\n{self.log.read_text()}", 120)

    def stop(self) -> None:
        """Nothing; what was started has ended."""
        self.shell.run('for job in $(jobs -p); do kill "$job"; wait "$job"; done')

    def type(self, step: Step) -> None:
        """Nothing; the command did what the page says."""
        command = step.command.replace("127.0.0.1:8000", f"{HOST}:{self.port}")
        for long, short in SHORTER.items():
            command = command.replace(long, short)
        plain = command.startswith("alexandria ") and not set(command) & set("|&;$`<>")
        code, said = self._run_here(command) if plain else self.shell.run(command)
        assert (code != 0) == bool(_REFUSED.search(step.answer)), f"{step.command}\n{code}: {said}"
        assert says(said, step.answer), f"{step.command}\n{said}\ndoes not say\n{step.answer}"

    def _run_here(self, command: str) -> tuple[int, str]:
        """As the shell would run a command of ours that needs nothing of a shell but names of files, and quicker."""
        _, said = self.shell.run("env | grep ^ALEXANDRIA_")
        words = shlex.split(command)[1:]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            for line in said.split():
                patch.setenv(*line.split("=", 1))
            patch.setenv("COLUMNS", "200")
            code, out, err = self._call(*(path for word in words for path in sorted(glob(word)) or [word]))
        return code, out + err

    def close(self) -> None:
        """Nothing; all that was started has ended."""
        self.stop()
        self.shell.close()


@pytest.fixture
def folder(open_dir: Path) -> Path:
    """A home that every user may enter."""
    return open_dir / f"reader-{uuid4().hex[:8]}"


@pytest.mark.slow
def test_every_command_says_what_is_shown(folder: Path, server_url: str, template_database: str, call: Calls) -> None:
    """The tutorial ends with what is published, the sample catalogue, which is also what the README's demo shows."""
    with Simulator() as simulator, serving() as publisher, ExitStack() as databases:
        for path in write_sample(folder / "published"):
            publisher.dumps[next(kind for kind in TYPES if kind in path.name)] = Dump(path.read_bytes())
        reader = Reader(folder, {**simulator.environ, variable("dumps_url"): f"{publisher.url}/data"}, call)
        try:
            for step in (*steps(DOCS / "tutorial.md"), *steps(ROOT / "README.md")):
                match step.command.strip():
                    case "alexandria up":  # with an empty database, as in a new data folder
                        database = fresh_database(server_url, f"TEMPLATE {template_database}")
                        reader.set("database_url", next(database))
                        databases.callback(next, database, None)
                        reader.start("alexandria up")
                    case command if command not in ELSEWHERE:
                        reader.type(step)
        finally:
            reader.close()


@pytest.mark.parametrize(
    ("answer", "shown", "same"),
    [
        ("took 1.5 s\n", "took 23.1 s", True),
        ("a\n b  c", "a b c", True),
        ("one two three", "one … three", True),
        ("one two three", "three … one", False),
        ("one two", "one two three", False),
        ('{"isbn13":"9780743273565"}', '{"isbn10":"0743273565"}', False),
    ],
)
def test_what_an_answer_says(answer: str, shown: str, same: bool) -> None:
    assert says(answer, shown) is same


def test_commands_are_found() -> None:
    found = [step.command for page in (ROOT / "README.md", DOCS / "tutorial.md") for step in steps(page)]
    assert {"make demo", "alexandria up", "alexandria doctor", "alexandria mirror refresh"} <= {
        each.strip() for each in found
    }
    assert any(command.startswith("printf") and "my-book.txt" in command for command in found)
