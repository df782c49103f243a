"""Keeps the database of a release for the tests of upgrades. At each release, with the oldest PostgreSQL we support:

tests/debian_postgresql.sh .venv/bin/python -m tests.upgrade.make_dump

The program runs on a fresh database beside the simulated providers, loads the sample catalogue, is told things, asks
for what it does not have, harvests an author; then all is written to `releases/NNNN` (the last migration). What is
there already is not replaced.
"""

import asyncio
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx2

from alexandria.cli.address import free_port
from alexandria.cli.walk import walk
from alexandria.db import all_statements, connect
from alexandria.db.migrate import migrations
from alexandria.sample.catalogue import sample_isbns, write_sample
from alexandria.sample.numbers import nth_isbn
from alexandria.simulator.launch import Simulator
from tests.cli.conftest import HOST, Program
from tests.upgrade.release import RELEASES, Release
from tests.upgrade.telling import ask, isbns_of, tell
from tests.waiting import until

NAME = "alexandria_release"
KEY = "a-key-that-opens-everything"
MOST_BYTES = 100_000


def main() -> None:
    server = os.environ["ALEXANDRIA_TEST_DATABASE_URL"]
    folder = RELEASES / f"{migrations()[-1].number:04}"
    if folder.exists():
        sys.exit(f"{folder} is there already")
    with connect(server, autocommit=True) as connection:
        connection.execute(f"create database {NAME} template template0".encode())
    url = server.replace("/postgres?", f"/{NAME}?")
    with tempfile.TemporaryDirectory() as temporary:
        _live(Path(temporary), url)
    folder.mkdir(parents=True)
    _write(folder / "database.sql.gz", _dump(url))
    _write(folder / "statements.sql.gz", _statements())
    _write(folder / "asked.json.gz", json.dumps(_answers(Release(folder), url), ensure_ascii=False))
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    sys.stdout.write(f"{folder}: {sizes}\n")
    if max(sizes.values()) > MOST_BYTES:
        sys.exit("too large to be kept in the repository")


def _live(folder: Path, url: str) -> None:
    """Nothing; the database has rows of every kind."""
    port = free_port(HOST)
    program = Program(
        folder, database_url=url, data_dir=folder / "data", internal_api_key=KEY, contact="tests@example.org",
        isbndb_plan="premium", isbndb_api_key="one", google_books_api_key="two",
    )  # fmt: skip
    program.result("db", "migrate")
    program.result("mirror", "load", *write_sample(folder / "sample"))
    with Simulator() as simulator:
        program.environ |= simulator.environ
        process = program.start("up", "--port", port)
        assert process.stdout
        assert process.stdout.readline().startswith("ready"), program.said()
        try:
            for _ in walk(HOST, port):
                pass
            with httpx2.Client(base_url=f"http://{HOST}:{port}", headers={"X-API-Key": KEY}, timeout=30) as client:
                _use(client)
        finally:
            process.terminate()
            process.wait(60)
            process.stdout.close()
    program.result("keys", "create", "--name", "an old key", "--scope", "write")
    program.result("enqueue", "edition", *(each for each in map(nth_isbn, range(2_000, 2_020)) if each))


def _use(client: httpx2.Client) -> None:
    """Nothing; somebody told, merged, took back, searched and harvested."""

    def post(path: str, **body: Any) -> Any:
        return client.post(path, json=body).raise_for_status().json()

    hit = sample_isbns().hit
    edition = client.get("/api/isbn", params={"isbn": hit}).json()["results"][0]
    work, author = edition["work"]["key"], edition["authors"][0]["key"]
    post("/api/enrich/edition", isbn=hit, title="The Great Gatsby, told", page_count=181, lock=["title"])
    post("/api/enrich/edition", isbn=hit, publisher="Another House", primary_provider="isbndb")
    post("/api/enrich/edition", isbn="9783161484100", title="My First Book", authors=["Ada Shelf"], language="en")
    post("/api/enrich/work", work_key=work, title="The Great Gatsby", subject_tags=["Long Island", "wealth"])
    post("/api/enrich/author", author_key=author, name="F. Scott Fitzgerald", birth_year=1896, gender="Male")
    others = [client.get("/api/isbn", params={"isbn": isbn}).json()["results"][0] for isbn in (
        sample_isbns().shared, sample_isbns().translated)]  # fmt: skip
    merged = post("/api/works/merge", **{"from": others[0]["work"]["key"], "into": others[1]["work"]["key"]})
    client.delete(f"/api/works/merge/{merged['id']}").raise_for_status()
    post("/api/authors/merge", **{"from": others[0]["authors"][0]["key"], "into": others[1]["authors"][0]["key"]})
    campaign = post("/api/authors/enrich-bibliography", author_name="Garth Nix", max_pages=1)
    until(lambda: client.get(campaign["status_url"]).json()["state"] == "done")


def _dump(url: str) -> str:
    """pg_dump's text without what only psql understands."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), key=lambda path: int(path.parts[4]))
    program = str(newest[-1]) if newest else shutil.which("pg_dump") or "pg_dump"
    done = subprocess.run(
        [program, "--no-owner", "--no-privileges", "--dbname", url], check=True, capture_output=True, text=True
    )
    return re.sub(r"^\\(un)?restrict .*\n", "", done.stdout, flags=re.MULTILINE)


def _statements() -> str:
    """The `*.sql` files in which the program's statements stand."""
    paths = dict.fromkeys(path for path, _ in all_statements())
    return "".join(f"-- file: {path}\n{(files('alexandria') / path).read_text(encoding='utf-8')}\n" for path in paths)


def _answers(release: Release, url: str) -> dict[str, Any]:
    with connect(url, autocommit=True) as connection:
        isbns = isbns_of(connection)
        asked = [asdict(each) for each in ask(connection, release.statements(), isbns)]
    return {"asked": asked, "told": asyncio.run(tell(url, isbns))}


def _write(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
