"""The two clients are the same, are whole, and need nothing else of ours."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

import alexandria.client
from alexandria.api import models as api_models
from alexandria.api import writing
from alexandria.api.queue import JobAnswer
from alexandria.client import AsyncClient, Client, errors, models

SOURCES = sorted(Path(alexandria.client.__file__).parent.glob("*.py"))
METHODS = (
    "author", "close", "cover_url", "enqueue", "enrich_author", "enrich_edition", "enrich_work", "flush", "health",
    "job_status", "lookup_isbn", "lookup_isbns", "search", "wait_for", "work",
)  # fmt: skip


def public(client: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(method)
        for name, method in inspect.getmembers(client, inspect.isfunction)
        if not name.startswith("_") or name == "__init__"
    }


def test_both_have_the_same_methods_with_the_same_parameters_and_words() -> None:
    assert public(Client) == public(AsyncClient)
    assert tuple(sorted(public(Client).keys() - {"__init__"})) == METHODS
    for name in METHODS:
        assert getattr(Client, name).__doc__ == getattr(AsyncClient, name).__doc__, name


def test_all_that_is_named_is_there() -> None:
    assert list(alexandria.client.__all__) == sorted(alexandria.client.__all__)
    for name in alexandria.client.__all__:
        assert getattr(alexandria.client, name)
    with pytest.raises(AttributeError, match="Other"):
        _ = alexandria.client.Other


def test_every_error_is_named_and_has_one_root() -> None:
    named = {name for name, error in vars(errors).items() if isinstance(error, type) and issubclass(error, Exception)}
    assert named <= set(alexandria.client.__all__)
    assert all(issubclass(getattr(errors, name), errors.ClientError) for name in named)
    assert all(name in (errors.__doc__ or "") for name in named)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_it_imports_nothing_else_of_ours(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            own = node.module == "alexandria" and [each.name for each in node.names] == ["__version__"]
            names = [] if own else [node.module or ""]
        assert not [n for n in names if n.startswith("alexandria") and not n.startswith("alexandria.client")]


def test_importing_it_imports_little() -> None:
    """What takes long to import is imported by whoever makes a client, or an AsyncClient."""
    program = "import sys, alexandria.client; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"httpcore2", "httpx2", "anyio", "asyncio", "ssl"} & set(loaded) == set()
    assert [n for n in loaded if n.startswith("alexandria.") and not n.startswith("alexandria.client")] == []


@pytest.mark.parametrize("name", ["Edition", "Work", "Author", "AuthorName", "Contributor", "JobStatus"])
def test_no_record_has_a_field_that_the_service_does_not_give(name: str) -> None:
    served = JobAnswer if name == "JobStatus" else getattr(api_models, name)
    assert set(getattr(alexandria.client, name).__struct_fields__) <= set(served.__struct_fields__)


@pytest.mark.parametrize(
    ("fields", "served", "named"),
    [
        (models.EditionFields, writing.EditionWrite, {"isbn"}),
        (models.WorkFields, writing.WorkWrite, {"work_key", "title"}),
        (models.AuthorFields, writing.AuthorWrite, {"author_key", "name"}),
    ],
)
def test_what_may_be_written_the_service_takes(fields: type, served: type, named: set[str]) -> None:
    assert set(get_type_hints(fields)) | named <= set(get_type_hints(served))
