"""`python -m alexandria.client`: a look."""

import json

import pytest

from alexandria.client.__main__ import main
from tests.client.conftest import ISBN, hit, problem, volume, volumes
from tests.net.server import Server, refusing


@pytest.mark.parametrize(
    ("arguments", "code", "out", "err"),
    [
        (["0140328726"], 0, "Fantastic Mr. Fox\n  by         Roald Dahl\n", ""),
        (["12345"], 1, "", "12345: not an ISBN: '12345'; expected 10 or 13 digits\n"),
        (["--url", "nowhere", ISBN], 2, "", "base_url must be an address such as http://127.0.0.1:8000\n"),
    ],
)
def test_what_is_shown(
    alexandria: Server, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, out: str, err: str
) -> None:
    alexandria.script = [hit()]
    assert main(["--no-google", "--url", alexandria.url, *arguments]) == code
    said = capsys.readouterr()
    assert said.out.startswith(out)
    assert said.err == err


def test_one_of_several_is_not_known(alexandria: Server, capsys: pytest.CaptureFixture[str]) -> None:
    alexandria.script = lambda asked: hit() if asked.query["isbn"] == ISBN else problem(404)
    assert main(["--no-google", "--json", "--url", alexandria.url, ISBN, "9780262033848"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["editions"][0]["isbn13"] == ISBN
    assert said.err == "9780262033848: nobody knows it\n"


def test_nobody_can_be_asked(google: Server, capsys: pytest.CaptureFixture[str]) -> None:
    google.script = [volumes(volume())]
    assert main(["--url", refusing(), "--google-url", refusing(), ISBN]) == 1
    assert "cannot be reached" in capsys.readouterr().err
