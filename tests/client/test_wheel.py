"""The wheel without extras: what it asks for is all that the client needs, and `alexandria` says what it lacks."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from email.parser import HeaderParser
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from tests.client.conftest import ISBN, volume, volumes
from tests.net.server import Server, refusing

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of an environment in which nothing is but the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("bare")
    environment = folder / "environment"
    venv.create(environment, symlinks=True, with_pip=False)
    [site] = environment.glob("lib/python*/site-packages")
    wheel = build(folder)
    for needed in all_needed(wheel):
        copy(needed, site)
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), "--quiet", "install"]
    run(*pip, "--no-index", "--no-deps", "--disable-pip-version-check", str(wheel))
    return environment / "bin"


def run(*command: str, code: int = 0, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=cwd, env=environ)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def build(folder: Path) -> Path:
    """The wheel, built from a copy of the sources."""
    checkout = folder / "checkout"
    shutil.copytree(ROOT / "src", checkout / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=checkout)
    [wheel] = folder.glob("*.whl")
    return wheel


def all_needed(wheel: Path) -> set[str]:
    """The names of all distributions that the wheel needs without an extra, and those that these need."""
    with ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    found: set[str] = set()
    left = list(wanted(metadata.get_all("Requires-Dist") or [], frozenset()))
    while left:
        requirement = left.pop()
        found.add(requirement.name)
        left += wanted(distribution(requirement.name).requires or [], frozenset(requirement.extras))
    return found


def wanted(lines: list[str], extras: frozenset[str]) -> Iterator[Requirement]:
    for requirement in map(Requirement, lines):
        if not requirement.marker or any(requirement.marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield requirement


def copy(name: str, site: Path) -> None:
    """Nothing; the distribution is in the other environment, too."""
    found: Distribution = distribution(name)
    for file in found.files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts:
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(found.locate_file(file)), site / file)


def test_the_client_needs_little(bare: Path) -> None:
    [site] = bare.parent.glob("lib/python*/site-packages")
    installed = {path.name.partition("-")[0] for path in site.glob("*.dist-info")}
    assert installed <= {
        "alexandria_catalog", "anyio", "h11", "httpcore2", "idna", "msgspec", "sniffio", "truststore",
        "typing_extensions",
    }  # fmt: skip


def test_both_clients_are_imported_and_made(bare: Path) -> None:
    program = f"""
import asyncio
from alexandria.client import AsyncClient, Client, LookupFailed
async def main():
    async with AsyncClient({refusing()!r}, google_books_url=None) as client:
        await client.lookup_isbn({ISBN!r})
for ask in (lambda: Client({refusing()!r}, google_books_url=None).lookup_isbn({ISBN!r}), lambda: asyncio.run(main())):
    try:
        ask()
    except LookupFailed:
        print("not reached")
"""
    assert run(str(bare / "python"), "-c", program).stdout == "not reached\nnot reached\n"


def test_a_look_from_the_command_line(bare: Path, google: Server) -> None:
    google.script = [volumes(volume())]
    look = [str(bare / "python"), "-m", "alexandria.client", "--url", refusing(), "--google-url", google.url]
    said = run(*look, ISBN)
    assert said.stdout.startswith("Fantastic Mr Fox\n  by         Roald Dahl\n")
    assert "  from       google-books\n" in said.stdout
    assert said.stderr == "no api_key is set, so what Google Books knows is not given to Alexandria\n"


def test_the_command_says_which_extra_is_missing(bare: Path) -> None:
    for arguments in ([], ["--version"], ["up"]):
        said = run(str(bare / "alexandria"), *arguments, code=1)
        assert said.stdout == ""
        assert said.stderr.count("\n") == 1
        assert "pip install 'alexandria-catalog[server]'" in said.stderr
