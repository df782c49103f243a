"""The systemd units are understood by systemd, run commands that exist, and expose little."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from alexandria.config import variable, variables
from tests.deploy.dockerfile import ROOT
from tests.test_docs import commands

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
MOST_EXPOSED = 2.0  # of 10, by systemd's own judgement
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")


def lines(unit: Path) -> list[tuple[str, str]]:
    pairs = (line.partition("=") for line in unit.read_text().splitlines() if "=" in line and line[0] != "#")
    return [(name, value) for name, _, value in pairs]


def named(unit: Path) -> str:
    return unit.name


@pytest.mark.parametrize("unit", UNITS, ids=named)
def test_its_command_exists(unit: Path) -> None:
    program, *words = dict(lines(unit))["ExecStart"].split()
    assert program == "/opt/alexandria/bin/alexandria"
    name = next(name for name in commands() if name == f"alexandria {words[0]}")
    assert {word for word in words if word.startswith("--")} <= commands()[name]


@pytest.mark.parametrize("unit", UNITS, ids=named)
def test_its_settings_exist_and_its_data_is_its_own(unit: Path) -> None:
    given = dict(value.split("=", 1) for name, value in lines(unit) if name == "Environment")
    assert given.keys() <= {variable(each.name) for each in variables()}
    found = dict(lines(unit))
    assert given["ALEXANDRIA_DATA_DIR"] == found["WorkingDirectory"] == f"/var/lib/{found['StateDirectory']}"
    assert (found["User"], found["ProtectSystem"], found["NoNewPrivileges"]) == ("alexandria", "strict", "yes")


@pytest.mark.parametrize("unit", UNITS, ids=named)
def test_its_page_exists(unit: Path) -> None:
    page = re.search(r"docs/how-to/[\w-]+\.md", unit.read_text())
    assert page
    assert (ROOT / page[0]).is_file()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The units with a program that is on this machine, and an instance where they need one."""
    folder = tmp_path_factory.mktemp("units")
    made = []
    for unit in UNITS:
        path = folder / unit.name.replace("@.", "@8001.")
        path.write_text(unit.read_text().replace("/opt/alexandria/bin/alexandria", sys.executable))
        made.append(str(path))
    return made


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


@needs_systemd
def test_systemd_understands_them(here: list[str]) -> None:
    done = analyze("verify", "--man=no", *here)
    ours = [line for line in done.stderr.splitlines() if "alexandria" in line]
    assert (done.returncode, ours) == (0, [])


@needs_systemd
def test_a_mistake_is_seen(here: list[str], tmp_path: Path) -> None:
    path = tmp_path / "alexandria-bad.service"
    path.write_text(Path(here[0]).read_text().replace("ProtectSystem=strict", "ProtectSytem=strict"))
    assert "ProtectSytem" in analyze("verify", "--man=no", str(path)).stderr


@needs_systemd
def test_they_expose_little(here: list[str]) -> None:
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", "--no-pager", *here)
    levels = re.findall(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert len(levels) == len(here), done.stderr
    assert max(map(float, levels)) <= MOST_EXPOSED, levels
