"""The tables of lookups, spread over the servers of a Citus cluster: which, by which column, and how it is done.

Tables with the same key lie together, so that a statement that names its keys for each of them (`/* spread: … */` in
our SQL) is answered by the servers that have these keys. Authors, whom every edition names, are on all servers. All
else (queue, quota, keys, search, answers, redirects) stays on the coordinator.

A load of the mirror builds plain tables on the coordinator: it is followed by another `distribute`.
"""

from dataclasses import dataclass

from psycopg import Connection

from alexandria.db.statements import load_statements
from alexandria.errors import LoadFailed, NotDistributable

GROUPS = (
    {"mirror.edition_isbns": "isbn", "enriched.editions": "isbn", "covers.covers": "isbn"},
    {"mirror.editions": "work_id", "mirror.works": "id", "enriched.works": "work_id"},
    {"mirror.work_authors": "author_id", "enriched.work_authors": "author_id"},
)
EVERYWHERE = ("mirror.authors", "enriched.authors")
COLUMNS = {table: column for group in GROUPS for table, column in group.items()}
_SQL = load_statements(__package__)


@dataclass(frozen=True, slots=True)
class Distributed:
    """What one run did: the tables that it spread, and those that were already."""

    spread: list[str]
    known: list[str]


def distribute(connection: Connection) -> Distributed:
    """What was spread now; what was before stays as it is, so it may be run again, after each load.

    The connection is in autocommit: each table is spread by itself, and a run that broke off is continued by the next.
    Raises NotDistributable, LoadFailed.
    """
    _require_citus(connection)
    before = {str(name) for (name,) in connection.execute("select table_name::text from citus_tables").fetchall()}
    done = Distributed([], [])
    with connection.transaction():
        _refuse_load(connection)
        for (signature,) in connection.execute(_SQL["list_functions"].sql).fetchall():
            connection.execute("select create_distributed_function(%s)", (signature,))
    for table in EVERYWHERE:
        _spread(connection, done, before, table, f"select create_reference_table('{table}')")
    if "mirror.editions" not in before:
        _give_editions_another_key(connection)
    for group in GROUPS:
        first = next(iter(group))
        for table, column in group.items():
            mate = "none" if table == first else first
            how = f"select create_distributed_table('{table}', '{column}', colocate_with => '{mate}')"
            _spread(connection, done, before, table, how)
    return done


def _require_citus(connection: Connection) -> None:
    row = connection.execute(_SQL["has_extension"].sql).fetchone()
    assert row is not None
    has, could = row
    if has:
        return
    if could:
        raise NotDistributable(
            "this database has not got Citus yet: as superuser run `create extension citus` in it and on each worker, "
            "add the workers with `select citus_add_node('host', 5432)`, then run this again (docs/scale.md)"
        )
    raise NotDistributable(
        "this PostgreSQL has no Citus: install the extension on every server, add it to shared_preload_libraries, "
        "restart, run `create extension citus` and add the workers, then run this again (docs/scale.md); "
        "on one server nothing needs to be distributed"
    )


def _refuse_load(connection: Connection) -> None:
    if connection.execute(_SQL["is_loading"].sql).fetchone() != (False,):
        raise LoadFailed("a load is running on this database: wait for it or stop it")


def _spread(connection: Connection, done: Distributed, before: set[str], table: str, how: str) -> None:
    """Nothing; the table is spread, and the coordinator gives up the rows that it had."""
    if table in before:
        done.known.append(table)
        return
    connection.execute(how)
    connection.execute(f"select truncate_local_data_after_distributing_table('{table}')")
    done.spread.append(table)


def _give_editions_another_key(connection: Connection) -> None:
    """Nothing; the primary key of the editions holds the column by which they are spread, as it must."""
    if connection.execute(_SQL["is_key_of_many"].sql).fetchone() == (True,):
        return
    with connection.transaction():
        connection.execute("alter table mirror.editions drop constraint editions_pkey")
        connection.execute("alter table mirror.editions add constraint editions_pkey primary key (work_id, id)")
        connection.execute("create index if not exists editions_id on mirror.editions (id)")
