"""What is wrong and since when: each condition of the rules is raised once and resolved once, by whoever looks.

One row is open for a rule and a subject, by a unique index: no lock is held, and any number of processes may look.
A condition must be away for a while before its alert is resolved, so that what comes and goes is told once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from alexandria.db import Database, Transaction, load_statements
from alexandria.ops.facts import read_facts
from alexandria.ops.messages import Message, compose
from alexandria.ops.rules import Condition, Severity, find_conditions
from alexandria.quota.policy import Policy

SQL = load_statements(__package__)
RULES_EVERY: Final = 30.0  # seconds
DIGEST_EVERY: Final = 900.0  # seconds
PATIENCE: Final = 45.0  # seconds without the condition after which an alert is resolved: the second look without it


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that is wrong, or was. `value` is the number that the rule looked at, as of `last_seen_at`."""

    id: int
    rule: str
    subject: str
    severity: Severity
    summary: str
    runbook: str
    value: float | None
    raised_at: datetime
    last_seen_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Teller:
    """How messages are written: whether there is anybody to tell, and where runbooks are published."""

    anybody: bool = False
    runbooks_url: str | None = None

    def link(self, runbook: str) -> str:
        """Where the page of a runbook is."""
        return f"{self.runbooks_url or 'docs/runbooks'}/{runbook}.md"


async def open_alerts(database: Database) -> list[Alert]:
    """What is wrong now, the worst first."""
    return [Alert(*row) for row in await database.fetch(SQL["list_open_alerts"])]


async def past_alerts(database: Database, limit: int = 50) -> list[Alert]:
    """What was wrong, the latest first."""
    return [Alert(*row) for row in await database.fetch(SQL["list_past_alerts"], {"limit": limit})]


async def look(
    database: Database, policies: Mapping[str, Policy], teller: Teller, *, now: datetime | None = None
) -> bool:
    """Whether this was the look of these thirty seconds: what is new was raised, what is gone was resolved."""
    if not await _claim(database, "rules", RULES_EVERY, now):
        return False
    conditions = find_conditions(await read_facts(database, policies, now=now))
    async with database.transaction() as transaction:
        changed = await note(transaction, conditions, now=now)
        if urgent := [id for id, severity in changed if severity == "critical"]:
            await _write(transaction, teller, urgent, now)
    return True


async def note(
    transaction: Transaction, conditions: Sequence[Condition], *, now: datetime | None = None
) -> list[tuple[int, Severity]]:
    """The id and severity of each alert that was raised or resolved, now that this is all that is wrong."""
    columns: dict[str, Callable[[Condition], Any]] = {
        "rules": lambda each: each.rule.name,
        "subjects": lambda each: each.subject,
        "severities": lambda each: each.rule.severity,
        "summaries": lambda each: each.summary.replace("\0", ""),
        "runbooks": lambda each: each.rule.runbook,
        "values": lambda each: float(each.value),
    }
    params = {name: [pick(each) for each in conditions] for name, pick in columns.items()}
    rows = await transaction.fetch(SQL["note_alerts"], {**params, "now": now, "patience": PATIENCE})
    return [(id, severity) for id, _, severity in rows]


async def digest(database: Database, teller: Teller, *, now: datetime | None = None) -> bool:
    """Whether this was the digest of these fifteen minutes: everything untold is in a message, what is old is gone."""
    async with database.transaction() as transaction:
        if not await _claim(transaction, "digest", DIGEST_EVERY, now):
            return False
        await _write(transaction, teller, None, now)
        await transaction.execute(SQL["forget_alerts"])
        await transaction.execute(SQL["forget_processes"])
    return True


async def _claim(database: Database | Transaction, name: str, seconds: float, now: datetime | None) -> bool:
    params = {"name": name, "seconds": seconds, "now": now}
    return bool(await database.execute(SQL["claim_round"], params))


async def _write(transaction: Transaction, teller: Teller, ids: Sequence[int] | None, now: datetime | None) -> None:
    """Nothing; a message tells what nobody was told yet of these alerts, or of all."""
    if not teller.anybody:
        return
    rows = await transaction.fetch(SQL["list_untold"], {"ids": ids, "now": now})
    untold = [(Alert(*row[:-1]), bool(row[-1])) for row in rows]
    still = [Alert(*row) for row in await transaction.fetch(SQL["list_open_alerts"])]
    if message := compose(untold, still, teller.link):
        await _send(transaction, message)
    if untold:
        await transaction.execute(SQL["set_told"], {"ids": [alert.id for alert, _ in untold], "now": now})


async def _send(transaction: Transaction, message: Message) -> None:
    params = {"title": message.title, "body": message.body, "severity": message.severity}
    await transaction.execute(SQL["add_message"], params)
