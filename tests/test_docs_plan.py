"""The map of the plan has all its rows, and names nothing that does not exist."""

import re

import pytest

from alexandria.api.app import ROUTES
from alexandria.config import variable, variables
from tests.test_docs import DOCS, ROOT, commands, read

PAGE = read(DOCS / "plan-map.md")
WORDS = {"code", "pending"}  # neither a place nor a name
CODE = sorted(set(re.findall(r"`([^`]+)`", PAGE)) - WORDS)
SOURCE = ROOT / "src" / "alexandria"


def exists(name: str) -> bool:
    """Whether there is such a file, route, command, target of make, setting or table."""
    if re.match(r"(GET|POST|DELETE) /", name):
        routes = {f"{method} {path}" for each in ROUTES for path in each.paths for method in each.http_methods}
        return name in {re.sub(r":\w+}", "}", route) for route in routes}
    if name.startswith("alexandria "):
        return name in commands()
    if name.startswith("make "):
        return re.search(rf"^{name.removeprefix('make ')}:", read(ROOT / "Makefile"), re.MULTILINE) is not None
    if name.startswith("ALEXANDRIA_"):
        return name in {variable(each.name) for each in variables()}
    if re.fullmatch(r"\w+\.\w+", name):
        tables = "".join(read(path) for path in (SOURCE / "db" / "migrations").glob("*.sql"))
        return re.search(rf"create (unlogged )?table {name}\b", tables) is not None
    return (ROOT / name if name.startswith("tests/") else SOURCE / name).is_file()


@pytest.mark.parametrize("name", CODE)
def test_what_the_map_names_exists(name: str) -> None:
    assert exists(name)


@pytest.mark.parametrize(
    "name",
    [
        "GET /api/isbm",
        "alexandria haverst",
        "make tea",
        "ALEXANDRIA_TEA",
        "quota.tea",
        "api/tea.py",
        "tests/tea.py",
        "tea",
    ],
)
def test_what_does_not_exist_is_seen(name: str) -> None:
    assert not exists(name)


def test_every_row_of_the_plan_is_there_in_order() -> None:
    rows = re.findall(r"^\| (\d+) \|(.*)\|$", PAGE, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 24))
    for number, row in rows:
        wanted, there, tests, stands = (cell.strip() for cell in row.split(" | "))
        assert wanted, number
        assert stands, number
        assert "`" in there, number
        assert re.fullmatch(r"(`tests/[\w/]+\.py`(, )?)+", tests), number
