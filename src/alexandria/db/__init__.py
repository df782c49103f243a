"""PostgreSQL, and everything about it that is not a statement's own business. The only importer of psycopg.

`statements` reads the named SQL that lies beside each package; `migrate` brings a database up to date; `pool`
runs statements for the API and the workers and outlives a restart of the server; `connect` is for the command
line and the loaders.

Without ALEXANDRIA_DATABASE_URL the server itself is ours: `embedded` makes, starts, shares, watches and stops
it. Its files are described in `cluster`, its settings for this machine in `tuning`, its programs and the user
who runs them in `programs`, its log in `logs`, its processes in `processes`, who holds it in `locks`.
"""

from psycopg import Connection, Cursor
from psycopg.errors import OperationalError, UniqueViolation

from alexandria.db.connect import connect, database
from alexandria.db.embedded import EmbeddedServer
from alexandria.db.migrate import migrate, pending, require_current
from alexandria.db.pool import Database, Transaction
from alexandria.db.reader import Reader, array_param
from alexandria.db.statements import Statement, all_statements, load_statements

__all__ = [
    "Connection",
    "Cursor",
    "Database",
    "EmbeddedServer",
    "OperationalError",
    "Reader",
    "Statement",
    "Transaction",
    "UniqueViolation",
    "all_statements",
    "array_param",
    "connect",
    "database",
    "load_statements",
    "migrate",
    "pending",
    "require_current",
]
