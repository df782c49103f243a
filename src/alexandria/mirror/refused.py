"""That a dump was refused before anything of it was loaded: it is empty or damaged, or not what its list says.

Such a refusal stands among the loads, so that it is told as one whose rows were judged.
"""

from alexandria.db import connect, load_statements

SQL = load_statements(__package__)


def note_refusal(url: str, reason: str) -> None:
    """Nothing; the newest load is one that was refused, for this reason."""
    with connect(url, autocommit=True) as connection:
        connection.execute(SQL["note_refusal"].sql, {"reason": reason})


def withdraw_refusal(url: str) -> None:
    """Nothing; no refusal stands any more: what is published is what serves."""
    with connect(url, autocommit=True) as connection:
        connection.execute(SQL["withdraw_refusal"].sql)
