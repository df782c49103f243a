"""What is asked of a database before and after: by the statements of lookups, and by the program."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from alexandria.catalog.lookup import Lookup, State
from alexandria.db import Connection, Database, Statement
from alexandria.enrichment.explain import explain
from tests.upgrade.release import Asked, run

ISBNS = "select isbn from enriched.editions union (select isbn from mirror.edition_isbns order by isbn limit 100)"


def isbns_of(connection: Connection) -> list[int]:
    """Every ISBN of which more is known than the mirror says, and some of the mirror's."""
    return sorted(isbn for (isbn,) in connection.execute(ISBNS.encode()))


def ask(connection: Connection, statements: Mapping[str, Statement], isbns: list[int]) -> list[Asked]:
    """The statements of a lookup one after the other, of works and of authors, with their rows."""
    found = _asked(connection, statements, "catalog.find_by_isbn", {"isbns": isbns})
    places = [row for row in found.rows if row[3] >= 0]
    overlays = {row[0]: row[5] for row in places if row[5]}
    params = {
        "places": [row[0] for row in places],
        "homes": [row[2] for row in places],
        "editions": [row[1] for row in places],
        "works": [row[2] if row[4] is None else row[4] for row in places],
        "overlays": json.dumps(overlays),
    }
    works = sorted({work for work in params["works"] if work})
    authors = [row[0] for row in connection.execute(b"select id from mirror.authors order by id limit 50")]
    return [
        found,
        _asked(connection, statements, "catalog.read_editions", params),
        _asked(connection, statements, "catalog.read_works", {"ids": works}),
        _asked(connection, statements, "catalog.read_authors", {"ids": authors}),
    ]


def _asked(connection: Connection, statements: Mapping[str, Statement], name: str, params: dict[str, Any]) -> Asked:
    return Asked(name, params, run(connection, statements[name], params))


async def tell(url: str, isbns: list[int]) -> dict[str, Any]:
    """What the program says of each ISBN: its edition, and where each field is from."""
    database = Database(url)
    await database.open()
    lookup = Lookup(database)
    try:
        found = await lookup.many(isbns)
        told: dict[str, Any] = {
            f"edition {isbn}": body.value if isinstance(body, State) else json.loads(body)
            for isbn, body in found.items()
        }
        for isbn in isbns:
            told[f"explain {isbn}"] = msgspec.to_builtins(await explain(database, "edition", isbn))
        return told
    finally:
        await lookup.close()
        await database.close()
