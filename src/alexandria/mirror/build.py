"""Making a mirror of the copied rows: one revision a record, references resolved, keys, indexes, statistics.

Every step may run again after a crash; the live mirror is the template for tables, keys and indexes, so their
definition stands once, in the migrations.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from alexandria.db import Connection, UniqueViolation, load_statements
from alexandria.mirror.documents import derive_documents
from alexandria.mirror.readers import KINDS

SQL = load_statements(__package__)
TABLES = (
    "authors", "works", "editions", "redirects", "edition_isbns", "work_authors", "documents", "lexicon",
    "work_classes", "work_series", "popularity",
)  # fmt: skip
LOADED = ("authors", "works", "editions", "redirects")
DERIVED = ("edition_isbns", "work_authors")


class Step(NamedTuple):
    """A step of the build: what a person reads, and what it does."""

    title: str
    run: Callable[[Connection], None]


class Built(NamedTuple):
    """What building changed: rows dropped as older revisions of the same key, rows added from the live mirror."""

    superseded: dict[str, int]
    carried: dict[str, int]
    stale: dict[str, int]


def create_next(connection: Connection) -> None:
    """Makes empty tables like the live ones, without keys and indexes, in a fresh `mirror_next`."""
    with connection.transaction():
        connection.execute("drop schema if exists mirror_next cascade")
        connection.execute("create schema mirror_next")
        for table in TABLES:
            connection.execute(
                f"create table mirror_next.{table} (like mirror.{table} including defaults including constraints "
                "including storage including compression including comments)"
            )


def build_steps(built: Built, newest: dict[str, str], url: str, processes: int) -> Iterator[Step]:
    """The steps from copied rows to a mirror, in order; they fill `built` as they run. One takes several processes."""
    yield Step("carrying over what the files do not hold", lambda c: _carry_over(c, built))
    yield Step("one revision a record", lambda c: _make_keys(c, built))
    yield Step("keeping what is newer here", lambda c: _add_newer(c, built, newest))
    yield Step("merging and deleting", lambda c: _apply_redirects(c, built))
    yield Step("following merged works and authors", _resolve)
    yield Step("listing ISBNs and authors' works", _derive)
    yield Step("adding up what readers say", _add_up_popularity)
    yield Step("what works are found by", lambda c: derive_documents(c, url, processes))
    yield Step("indexes", _make_indexes)
    yield Step("statistics", _analyse)


def _run(connection: Connection, name: str, **values: object) -> int:
    return max(connection.execute(SQL[name].sql, values or None).rowcount, 0)


def _carry_over(connection: Connection, built: Built) -> None:
    with connection.transaction():
        given = connection.execute(SQL["count_table_types"].sql).fetchone()
        assert given is not None
        for kind, is_given in zip(("authors", "works", "editions", "redirects", "deletes"), given, strict=True):
            if not is_given:
                built.carried[kind] = _run(connection, f"carry_over_{kind}")
        for kind in KINDS:  # nothing where the files gave some
            _run(connection, f"carry_over_{kind}")


def _make_keys(connection: Connection, built: Built) -> None:
    """Adds the primary keys. Only where that fails are there doubles, so only then is the price of sorting paid."""
    for table, name, is_primary, definition in connection.execute(SQL["find_keys_and_indexes"].sql).fetchall():
        if not is_primary or table not in LOADED or _exists(connection, name):
            continue
        statement = f"alter table mirror_next.{table} add constraint {name} {definition}"
        try:
            with connection.transaction():
                connection.execute(statement)
        except UniqueViolation:
            with connection.transaction():
                built.superseded[table] = _run(connection, f"drop_older_{table}")
                connection.execute(statement)
    for table in LOADED:  # the joins that follow are planned by it; without, they took a hundred times as long
        connection.execute(f"analyze mirror_next.{table}")


def _exists(connection: Connection, index: str) -> bool:
    found = connection.execute("select to_regclass(%s)", (f"mirror_next.{index}",)).fetchone()
    return found is not None and found[0] is not None


def _add_newer(connection: Connection, built: Built, newest: dict[str, str]) -> None:
    """Live rows newer than the dump win. Where the dump should have had that revision, it counts as stale."""
    with connection.transaction():
        for table in ("authors", "works", "editions"):
            if table not in newest:
                continue
            found = connection.execute(SQL[f"count_stale_{table}"].sql, {"newest": newest[table]}).fetchone()
            assert found is not None
            built.stale[table] = found[0]
            built.carried[table] = _run(connection, f"add_newer_{table}", newest=newest[table])
        cut = max(newest.values(), default="infinity")
        kept = _run(connection, "add_newer_redirects", newest=cut)
        built.carried["redirects"] = built.carried.get("redirects", 0) + kept


def _apply_redirects(connection: Connection, built: Built) -> None:
    with connection.transaction():
        _run(connection, "keep_isbns_of_merged")
        _run(connection, "keep_isbns_of_overridden")
        for table in ("authors", "works", "editions"):
            dropped = _run(connection, f"drop_redirected_{table}")
            built.superseded[table] = built.superseded.get(table, 0) + dropped
        built.superseded["redirects"] = built.superseded.get("redirects", 0) + _run(
            connection, "drop_outlived_redirects"
        )


def _resolve(connection: Connection) -> None:
    with connection.transaction():
        connection.execute("drop table if exists pg_temp.merged")
        _run(connection, "follow_merges")
        connection.execute("analyze pg_temp.merged")
        for name in ("works_of_editions", "authors_of_works", "authors_of_editions"):
            _run(connection, f"resolve_{name}")


def _derive(connection: Connection) -> None:
    with connection.transaction():
        for table in DERIVED:
            connection.execute(f"truncate mirror_next.{table}")
            _run(connection, f"derive_{table}")


def _add_up_popularity(connection: Connection) -> None:
    with connection.transaction():
        _run(connection, "add_up_popularity")
    connection.execute("analyze mirror_next.popularity")


def _make_indexes(connection: Connection) -> None:
    for table, name, is_primary, definition in connection.execute(SQL["find_keys_and_indexes"].sql).fetchall():
        if _exists(connection, name):
            continue
        with connection.transaction():
            if is_primary:  # of a derived table
                connection.execute(f"alter table mirror_next.{table} add constraint {name} {definition}")
            else:
                connection.execute(definition.replace(f" ON mirror.{table} ", f" ON mirror_next.{table} "))


def _analyse(connection: Connection) -> None:
    """VACUUM too: it marks pages all-visible, which lets an ISBN be found in the index alone."""
    for table in TABLES:
        connection.execute(f"vacuum (analyze) mirror_next.{table}")


def compare(connection: Connection) -> dict[str, int]:
    """How the new mirror differs from the live one: records added, changed, gone by table; merged and deleted ones."""
    found: dict[str, int] = {}
    for table in ("authors", "works", "editions"):
        row = connection.execute(SQL[f"compare_{table}"].sql).fetchone()
        assert row is not None
        found |= {f"{table}_{what}": count for what, count in zip(("added", "changed", "gone"), row, strict=True)}
    row = connection.execute(SQL["compare_redirects"].sql).fetchone()
    assert row is not None
    return {**found, "merged": row[0], "deleted": row[1]}
