"""`alexandria db`: the schema of the database, and where its tables lie."""

import typer

from alexandria.cli.running import bring_up_to_date, tell_wait
from alexandria.cli.screen import Json, say, show_json, show_table
from alexandria.config import read_settings
from alexandria.db import connect, database, pending, require_current
from alexandria.db.distribute import distribute
from alexandria.db.migrate import migrations

app = typer.Typer(no_args_is_help=True, help="Bring the database up to date, and see whether it is.")


@app.command("migrate")
def migrate_database(json: Json = False) -> None:
    """Apply the migrations that the database lacks."""
    with database(read_settings(), tell_wait, direct=True) as url:
        applied = bring_up_to_date(url)
    if json:
        show_json({"applied": applied})
    else:
        say(f"applied {', '.join(applied)}" if applied else "the database was up to date")


@app.command("status")
def show_status(json: Json = False) -> None:
    """Show which database it is and which migrations it has."""
    settings = read_settings()
    with database(settings, tell_wait, direct=True) as url, connect(url, autocommit=True) as connection:
        version = connection.info.parameter_status("server_version")
        waiting = pending(connection)
    applied = [migration.name for migration in migrations() if migration.name not in waiting]
    kind = "external" if settings.database_url else "embedded"
    if json:
        show_json({"kind": kind, "version": version, "applied": applied, "pending": waiting})
        return
    say(f"{kind} PostgreSQL {version}")
    rows = [(name, "applied") for name in applied] + [
        (name, "pending: run `alexandria db migrate`") for name in waiting
    ]
    show_table("Migrations", ("migration", "state"), rows)


@app.command("distribute")
def distribute_tables(json: Json = False) -> None:
    """Spread the tables of lookups over the servers of a Citus cluster; again after each load."""
    with database(read_settings(), tell_wait, direct=True) as url, connect(url, autocommit=True) as connection:
        require_current(connection)
        done = distribute(connection)
    if json:
        show_json({"distributed": done.spread, "already": done.known})
        return
    say(f"distributed {', '.join(done.spread)}" if done.spread else "all of it was distributed already")
    say("set ALEXANDRIA_DISTRIBUTED=true for every process, so that statements name their keys for each table")
