"""The pages about errors and log events are the program's: every error class, every event, with its fields."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "alexandria"
PAGES = ROOT / "docs" / "reference"
APART = "client"  # it has errors and a log of its own: docs/how-to/python-client.md
LEVELS = ("debug", "info", "warning", "error", "exception")
_CLASS = re.compile(r'^class (\w+)\((\w+)[^)]*\):\n    """(.*?)"""', re.MULTILINE | re.DOTALL)


# --- errors ---------------------------------------------------------------------------------------------------


def sources() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if path.relative_to(SOURCE).parts[0] != APART]


def errors() -> dict[str, tuple[str, str, str]]:
    """Parent, package and meaning of every error that the program raises on purpose, by name."""
    found = [(path, match) for path in sources() for match in _CLASS.finditer(path.read_text())]
    known: dict[str, tuple[str, str, str]] = {}
    while True:
        more = {
            match[1]: (match[2], path.relative_to(SOURCE).parts[0].removesuffix(".py"), _first(match[3]))
            for path, match in found
            if match[2] == "AlexandriaError" or match[2] in known
        }
        if more.keys() == known.keys():
            return known
        known = more


def _first(docstring: str) -> str:
    """Its first paragraph, in one line."""
    return " ".join(docstring.split("\n\n")[0].split()).rstrip(".")


def errors_table() -> str:
    """The table of docs/reference/errors.md."""
    rows = [
        f"| `{name}` | {'' if parent == 'AlexandriaError' else f'`{parent}`'} | `{package}` | {means} |"
        for name, (parent, package, means) in sorted(errors().items())
    ]
    return "\n".join(["| Error | A kind of | Package | Means |", "| --- | --- | --- | --- |", *rows])


def test_every_error_is_described() -> None:
    table = errors_table()
    assert table in (PAGES / "errors.md").read_text(), f"put this into docs/reference/errors.md:\n{table}"


def test_the_tree_of_errors_is_found() -> None:
    found = errors()
    assert len(found) > 25
    assert (found["CutShort"][0], found["QuotaExhausted"][1]) == ("Malformed", "errors")
    assert all(means for _, _, means in found.values())


# --- log events -----------------------------------------------------------------------------------------------

Event = tuple[str, str, str, frozenset[str]]


def events() -> set[Event]:
    """Package, level, text and fields of every event that the service logs."""
    logging = (path for path in sources() if re.search("get_?Logger", path.read_text(), re.IGNORECASE))
    return {event for path in logging for event in _events(path)}


def _events(path: Path) -> Iterator[Event]:
    package = path.relative_to(SOURCE).parts[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in LEVELS:
            continue
        owner = node.func.value
        if isinstance(owner, ast.Name) and owner.id.lower().strip("_") == "log" and node.args:
            fields = frozenset("error" if each.arg == "exc_info" else each.arg or "…" for each in node.keywords)
            yield package, node.func.attr, ast.literal_eval(node.args[0]), fields


def described() -> dict[tuple[str, str, str], tuple[frozenset[str], str]]:
    """Fields and meaning by package, level and text, as docs/reference/logs.md has them."""
    rows = re.findall(
        r"^\| `(\w+)` \| (\w+) \| `([^`]+)` \| ([^|]*) \| ([^|]+) \|$", (PAGES / "logs.md").read_text(), re.MULTILINE
    )
    return {
        (package, level, text): (frozenset(re.findall(r"`([^`]+)`", fields)), means)
        for package, level, text, fields, means in rows
    }


def test_every_event_is_described() -> None:
    said = described()
    wanted = {
        (package, level, text): fields for package, level, text, fields in events() if "…" not in fields
    }  # one that is logged with the fields of its job is described by hand
    assert {event: said[event][0] for event in wanted if event in said} == wanted, "docs/reference/logs.md"


def test_no_event_is_described_that_is_not_logged() -> None:
    assert described().keys() == {(package, level, text) for package, level, text, _ in events()}


@pytest.mark.parametrize("event", sorted(described()) if (PAGES / "logs.md").exists() else [])
def test_events_say_what_to_do(event: tuple[str, str, str]) -> None:
    assert len(described()[event][1]) > 10
