"""The documentation and the program agree: what exists is described, and what is described exists."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from warnings import catch_warnings

import pytest
import typer.main
from litestar import Litestar
from litestar.exceptions import LitestarDeprecationWarning

from alexandria.api.app import ROUTES
from alexandria.biblio.keys import Kind
from alexandria.cli.main import program
from alexandria.config import Variable, variable, variables
from alexandria.enrichment.fields import PROVIDERS, rank
from alexandria.enrichment.score import COMPLETE, QUALITY

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
DECISIONS = sorted((DOCS / "decisions").iterdir())
NAMES = """work edition author contributor identifier answer provider source chain miss job lease snooze permit lane
    unit bucket window campaign tier harvest mirror dump change redirect reject gap cover tick explain refold"""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
Commands = dict[str, set[str]]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(text: str) -> str:
    """The text without its code blocks."""
    return FENCE.sub("", text)


def sections(path: Path, mark: str) -> dict[str, str]:
    """What stands under each heading of the form `mark` plus code, by that code."""
    parts = re.split(rf"^{mark} `([^`]+)`$", read(path), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def titled(page: Path) -> str:
    return str(page.relative_to(ROOT))


# --- settings -------------------------------------------------------------------------------------------------


def settings_table() -> str:
    """The table of docs/reference/settings.md, from the program."""
    rows = [f"| `{variable(entry.name)}` | {_default(entry)} | {entry.help} |" for entry in variables()]
    return "\n".join(["| Variable | Default | What |", "| --- | --- | --- |", *rows])


def _default(entry: Variable) -> str:
    if entry.name == "data_dir":
        return "see below"
    return f"`{entry.default}`" if entry.default else "unset"


def test_every_setting_is_described() -> None:
    table = settings_table()
    assert table in read(DOCS / "reference" / "settings.md"), f"put this into docs/reference/settings.md:\n{table}"


@pytest.mark.parametrize("page", PAGES, ids=titled)
def test_no_page_names_an_unknown_setting(page: Path) -> None:
    known = {variable(entry.name) for entry in variables()} | {"ALEXANDRIA_DEBUG"}
    named = set(re.findall(r"\bALEXANDRIA_[A-Z_]+\b", read(page)))
    assert {name for name in named if not name.startswith("ALEXANDRIA_TEST_")} <= known


# --- commands -------------------------------------------------------------------------------------------------


@cache
def commands() -> Commands:
    """The options of every command that does something, by what a person types."""
    return dict(_commands(typer.main.get_command(program()), "alexandria"))


def _commands(command: Any, name: str) -> Iterator[tuple[str, set[str]]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        shown = [each for each in command.params if not getattr(each, "hidden", False)]
        yield name, {text for each in shown for text in each.opts if text.startswith("--")}
    for word, each in (inner or {}).items():
        yield from _commands(each, f"{name} {word}")


def test_every_command_and_option_is_described() -> None:
    described = sections(DOCS / "reference" / "commands.md", "##")
    options = {name: set(re.findall(r"--[a-z][a-z-]*", text)) for name, text in described.items()}
    assert options == commands()


def typed(page: Path) -> Iterator[list[str]]:
    """The `alexandria` lines of a page's code blocks, in words."""
    for language, block in FENCE.findall(read(page)):
        for line in re.sub(r" *\\\n *", " ", block).splitlines():
            shell = language == "sh" or line.startswith("$ ")
            words = shlex.split(line.removeprefix("$ "), comments=True) if shell and "alexandria " in line else []
            while words and "=" in words[0]:
                words.pop(0)
            if words and words[0] == "alexandria":
                yield words


@pytest.mark.parametrize("page", PAGES, ids=titled)
def test_commands_that_are_shown_exist(page: Path) -> None:
    known = commands()
    for words in typed(page):
        name = max((name for name in known if words[: name.count(" ") + 1] == name.split()), key=len, default="")
        assert name, f"no such command: {' '.join(words)}"
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known[name], words


@pytest.mark.parametrize("page", PAGES, ids=titled)
def test_make_targets_that_are_named_exist(page: Path) -> None:
    known = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    code = "\n".join(
        re.findall(r"`(make [^`]*)`", prose(read(page))) + [block for _, block in FENCE.findall(read(page))]
    )
    assert set(re.findall(r"(?:^|`)(?:\$ )?make ([a-z-]+)", code, re.MULTILINE)) <= known


# --- HTTP -----------------------------------------------------------------------------------------------------


@cache
def openapi() -> dict[str, Any]:
    with catch_warnings(action="ignore", category=LitestarDeprecationWarning):  # of the routes, which others test
        return Litestar(ROUTES).openapi_schema.to_schema()


def operations() -> dict[str, dict[str, Any]]:
    """What the OpenAPI document says of each route, by method and path."""
    paths = openapi()["paths"]
    return {f"{method.upper()} {path}": found for path, methods in paths.items() for method, found in methods.items()}


def test_every_route_is_described() -> None:
    served = {f"{method} {path}" for each in ROUTES for path in each.paths for method in each.http_methods}
    routes = {re.sub(r":\w+}", "}", route) for route in served}
    assert operations().keys() <= routes
    assert sections(DOCS / "reference" / "http.md", "###").keys() == routes


def test_parameters_and_statuses_are_described() -> None:
    described = sections(DOCS / "reference" / "http.md", "###")
    for route, operation in operations().items():
        names = [parameter["name"] for parameter in operation.get("parameters") or ()]
        missing = [name for name in names if f"`{name}`" not in described[route]]
        missing += [status for status in operation["responses"] if status not in described[route]]
        assert not missing, route


@pytest.mark.parametrize("shape", ["Edition", "Work", "Author"])
def test_every_field_of_a_record_is_described(shape: str) -> None:
    found = openapi()["components"]["schemas"]
    names = next(schema["properties"] for name, schema in found.items() if name.rpartition("_")[2] == shape)
    text = sections(DOCS / "reference" / "http.md", "###")[f"GET /api/{shape.lower()}s/{{key}}"]
    assert [name for name in names if f"`{name}`" not in text and not name.startswith("cover_url_")] == []


# --- merging --------------------------------------------------------------------------------------------------


def precedence_table() -> str:
    """The table of docs/explanation/merging.md, from the program; fields about which all rank alike share a row."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for field in sorted({field for provider in PROVIDERS.values() for field in provider.fields}):
        rows.setdefault(tuple(_ranked(name, field) for name in PROVIDERS), []).append(f"`{field}`")
    lines = [("Field", *(f"`{name}`" for name in PROVIDERS)), ("---",) * (len(PROVIDERS) + 1)]
    lines += [("every other", *(str(provider.rank) for provider in PROVIDERS.values()))]
    lines += [(", ".join(fields), *ranks) for ranks, fields in rows.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ranked(provider: str, field: str) -> str:
    return f"**{rank(provider, field)}**" if field in PROVIDERS[provider].fields else str(rank(provider, field))


def test_the_precedence_table_is_the_programs() -> None:
    table = precedence_table()
    assert table in read(DOCS / "explanation" / "merging.md"), f"put this into docs/explanation/merging.md:\n{table}"


@pytest.mark.parametrize("kind", COMPLETE)
def test_scores_are_described(kind: Kind) -> None:
    """As many fields and as many points as the program has stand in the page."""
    row = re.search(rf"^\| {kind} \| ([^|]+) \| ([^|]+) \|$", read(DOCS / "explanation" / "merging.md"), re.MULTILINE)
    assert row
    assert len(row[1].split(",")) == len(COMPLETE[kind])
    assert [int(points) for points in re.findall(r"\b\d+(?=,|$)", row[2].strip())] == [
        each for each, _ in QUALITY[kind]
    ]


# --- pages ----------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The names by which a page's headings can be linked to."""
    heads = re.findall(r"^#+ (.+)$", prose(read(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=titled)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(read(page))):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        goal = (page.parent / name).resolve() if name else page
        assert goal.exists(), target
        assert not anchor or anchor in anchors(goal), target


def test_every_page_can_be_reached_from_the_map() -> None:
    linked = {(DOCS / target.partition("#")[0]).resolve() for target in LINK.findall(read(DOCS / "index.md"))}
    assert set(DOCS.rglob("*.md")) - {DOCS / "index.md"} <= linked


def test_the_readme_is_short() -> None:
    assert len(read(ROOT / "README.md").splitlines()) <= 120


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert re.search(r"^## \[Unreleased\]$", read(ROOT / "CHANGELOG.md"), re.MULTILINE)


@pytest.mark.parametrize("page", DECISIONS, ids=titled)
def test_a_decision_has_four_parts_and_is_short(page: Path) -> None:
    lines = read(page).splitlines()
    number = DECISIONS.index(page) + 1
    assert re.fullmatch(rf"{number:04d}(-[a-z0-9]+)+\.md", page.name)
    assert lines[0].startswith(f"# {number}. ")
    assert [line for line in lines if line.startswith("## ")] == [
        "## Status", "## Context", "## Decision", "## Consequences",
    ]  # fmt: skip
    assert len(lines) <= 60


def test_the_glossary_holds_every_name_in_order() -> None:
    terms = re.findall(r"^\*\*([^*]+)\*\*", read(DOCS / "glossary.md"), re.MULTILINE)
    assert set(NAMES.split()) <= set(terms)
    assert terms == sorted(terms, key=str.casefold)
