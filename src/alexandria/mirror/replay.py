"""Changes that the live mirror took in while a load was under way, brought over before the swap.

Whoever changes the live mirror notes the record in mirror_meta.touched first, in the same transaction; a swap holds
that table, so between the replay and the rename nothing can change unseen.
"""

from collections import Counter
from datetime import datetime

from alexandria.db import Connection, load_statements
from alexandria.mirror.documents import replay_documents, touched_works

SQL = load_statements(__package__)
COUNTED = ("authors", "works", "editions", "edition_isbns", "redirects", "deletes")
STEPS = (
    "unlist_isbns",
    "unlist_works",
    "replay_redirects",
    "replay_authors",
    "replay_works",
    "replay_editions",
    "drop_replayed_authors",
    "drop_replayed_works",
    "drop_replayed_editions",
    "drop_replayed_redirects",
    "replay_moves",
    "list_isbns",
    "list_works",
)


def replay_changes(connection: Connection, since: datetime) -> Counter[str]:
    """How the row counts of `mirror_next` changed by it; inside the caller's transaction, which then swaps."""
    connection.execute("lock table mirror_meta.touched in share mode")
    params = {"since": since}
    found = connection.execute(SQL["hold_changes"].sql, params).fetchone()
    changed: Counter[str] = Counter()
    if found != (True,):
        return changed
    before = _count(connection, since)
    works = touched_works(connection, since)
    for name in STEPS:
        connection.execute(SQL[name].sql, params)
    replay_documents(connection, works | touched_works(connection, since))
    changed.update(_count(connection, since))
    changed.subtract(before)
    return changed


def count_coming(connection: Connection, since: datetime) -> dict[str, int]:
    """How many records of each table a replay would add as things are, which new ones came since the load began."""
    row = connection.execute(SQL["count_coming"].sql, {"since": since}).fetchone()
    assert row is not None
    return dict(zip(COUNTED, row, strict=False))


def _count(connection: Connection, since: datetime) -> Counter[str]:
    row = connection.execute(SQL["count_touched"].sql, {"since": since}).fetchone()
    assert row is not None
    return Counter({name: int(count) for name, count in zip(COUNTED, row, strict=True)})
