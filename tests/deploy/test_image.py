"""The Dockerfile: what it copies exists, what it installs is locked, and who runs it may do little.

Its commands and its result are tried for real by `tests.deploy.try_image`, which takes a minute.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from alexandria.api.app import ROUTES
from alexandria.config import variable, variables
from tests.cli.conftest import Service
from tests.deploy.dockerfile import ROOT, Stage, read_dockerfile
from tests.test_docs import commands
from tests.waiting import until

BUILD, FINAL = read_dockerfile()


def ignored() -> list[str]:
    return [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    let_in = {line[1:] for line in ignored() if line.startswith("!")}
    copied = {name for each in BUILD.all("COPY") for name in each.arguments()[:-1]}
    assert ignored()[0] == "*"
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
    assert not any(name.startswith(".env") for name in let_in)


def test_only_the_program_comes_into_the_image() -> None:
    assert [(each.options(), each.arguments()) for each in FINAL.all("COPY")] == [
        ({"from": BUILD.name}, ["/opt/alexandria", "/opt/alexandria"])
    ]
    assert FINAL.all("ADD") == BUILD.all("ADD") == []


@pytest.mark.parametrize("stage", [BUILD, FINAL], ids=["build", "final"])
def test_both_stages_have_one_python_that_is_supported(stage: Stage) -> None:
    default = re.search(r"^ARG PYTHON=(\d+)\.(\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert stage.base == "python:${PYTHON}-slim"
    assert default
    assert (int(default[1]), int(default[2])) >= (3, 11)


def test_requirements_are_installed_by_their_hashes() -> None:
    installs = [each.rest for each in BUILD.all("RUN") if "pip install" in each.rest]
    assert len(installs) == 2
    assert all("--require-hashes" in text or "--no-deps --no-build-isolation ." in text for text in installs)
    assert FINAL.all("RUN")
    assert not any("pip" in each.rest or "apt" in each.rest for each in FINAL.all("RUN"))


def test_it_does_not_run_as_root() -> None:
    user = FINAL.last("USER").rest
    assert user.isdigit()
    assert int(user) > 999
    made = " ".join(each.rest for each in FINAL.all("RUN"))
    assert f"--uid {user}" in made
    assert f"--owner={user}" in made


def test_its_settings_exist() -> None:
    known = {variable(each.name) for each in variables()}
    given = {name for name in FINAL.environ() if name.startswith("ALEXANDRIA_")}
    assert given
    assert given <= known
    assert FINAL.environ()["ALEXANDRIA_DATA_DIR"] == FINAL.last("VOLUME").rest == FINAL.last("WORKDIR").rest
    assert FINAL.environ()["ALEXANDRIA_PORT"] == FINAL.last("EXPOSE").rest


def test_its_command_exists() -> None:
    assert " ".join(FINAL.last("ENTRYPOINT").executed() + FINAL.last("CMD").executed()) in commands()


def test_its_health_check_asks_a_route_on_its_port() -> None:
    text = FINAL.last("HEALTHCHECK").executed()[-1]
    path = re.search(r"'GET', '([^']+)'", text)
    assert path
    assert path[1] in {path for each in ROUTES for path in each.paths}
    assert FINAL.environ()["ALEXANDRIA_PORT"] in text


def healthy(port: int) -> int:
    """The exit code of the health check, on another port."""
    python, *rest = FINAL.last("HEALTHCHECK").executed()
    assert python == "python"
    command = [sys.executable, *(word.replace(FINAL.environ()["ALEXANDRIA_PORT"], str(port)) for word in rest)]
    return subprocess.run(command, capture_output=True, env={}, check=False).returncode


def test_the_health_check_works(api_alone: Service) -> None:
    until(lambda: healthy(api_alone.port) == 0)
    api_alone.process.terminate()
    api_alone.process.wait(60)
    assert healthy(api_alone.port) != 0


def test_no_line_names_a_machine_or_a_registry() -> None:
    for path in (ROOT / "Dockerfile", ROOT / "compose.yaml", *Path(ROOT / "deploy").rglob("*")):
        if path.is_file():
            assert not re.search(r"https?://[\w-]+\.(?!0\.0\.1)|\b[\w-]+\.(io|dev)/", path.read_text()), path.name
