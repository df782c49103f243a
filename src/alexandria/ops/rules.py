"""When something is wrong: the rules of alerts as a table. Pure: from facts to conditions.

A condition that is new becomes an alert, one that is gone resolves it (`alerts`). Each rule has a runbook.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:  # they bring the driver, which nothing here needs
    from alexandria.ops.facts import Facts
    from alexandria.queue.status import KindCounts
    from alexandria.quota.status import BucketStatus

Severity = Literal["info", "warning", "critical"]
Subjects = Iterator[tuple[str, float, str]]  # what it is about, a number, a sentence

HOUR: Final = 3_600.0
QUOTA_LEVELS: Final = ((1.0, "quota-100"), (0.85, "quota-85"), (0.7, "quota-70"))
LAST_PART: Final = timedelta(hours=1)  # of the day, when it is meant to be used up
OLDEST: Final = timedelta(hours=6)
STUCK: Final = timedelta(minutes=10)
LONGEST_LAG, LONGEST_RUN = 24 * HOUR, 30 * HOUR  # since changes were read; while they are being read
LEAST_ERRORS, ERROR_SHARE = 10, 0.05
LEAST_FREE, MOST_FREE, FREE_SHARE = 1 << 30, 20 << 30, 0.05  # bytes, bytes, of the disk
REFUSALS: Final = ("401", "403")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked for: `find` gives a subject, a number and a sentence for each that is wrong.

    Of the rules of a `family`, one at most holds for a subject, so that one may take another's place.
    """

    name: str
    severity: Severity
    about: str
    find: "Callable[[Facts], Subjects]"
    family: str = ""

    @property
    def runbook(self) -> str:
        """The name of the page that says what to do."""
        return self.family or self.name


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong now."""

    rule: Rule
    subject: str
    value: float
    summary: str


def _quota(level: str) -> "Callable[[Facts], Subjects]":
    def find(facts: "Facts") -> Subjects:
        for bucket in facts.buckets:
            if (allowed := _allowed(bucket)) and _quota_level(bucket, allowed, facts) == level:
                until = f"until {_shown(bucket.resets_at)}"
                yield bucket.bucket, bucket.used / allowed, f"{bucket.used:,} of {allowed:,} units are used {until}"

    return find


def _allowed(bucket: "BucketStatus") -> int:
    """Units that may be used of the day; 0 where there is no limit."""
    return bucket.provider_limit or max((bucket.limit or 0) - bucket.buffer, 0)


def _quota_level(bucket: "BucketStatus", allowed: int, facts: "Facts") -> str | None:
    """The highest level that is reached; in the last part of the day only the one that is open already."""
    reached = [name for share, name in QUOTA_LEVELS if bucket.used >= share * allowed]
    if bucket.resets_at - facts.now < LAST_PART:
        reached = [name for name in reached if (name, bucket.bucket) in facts.open]
    return reached[0] if reached else None


def _dead_letters(facts: "Facts") -> Subjects:
    for kind, number in sorted(facts.dead.items()):
        yield kind, number, f"{_many(number)} {_jobs(kind, number)} failed for good and wait for somebody to look"


def _many(number: int) -> str:
    return "more than 1,000" if number > 1_000 else f"{number:,}"


def _jobs(kind: str, number: float) -> str:
    return f"{kind} job" if number == 1 else f"{kind} jobs"


def _oldest_job(facts: "Facts") -> Subjects:
    for each in facts.kinds:
        if each.pending > 0 and each.due_since and facts.now - each.due_since > OLDEST:
            age = facts.now - each.due_since
            yield each.kind, age.total_seconds(), f"the oldest {each.kind} job is due since {_shown(each.due_since)}"


def _no_progress(facts: "Facts") -> Subjects:
    for each in facts.kinds:
        if each.pending > 0 and each.due_since and facts.now - each.due_since > STUCK and not _ended(each):
            due = f"{each.pending:,} {_jobs(each.kind, each.pending)} wait"
            yield each.kind, each.pending, f"{due}, and none has ended for ten minutes"


def _ended(kind: "KindCounts") -> int:
    return kind.completed + kind.not_found + kind.dead


def _breaker_open(facts: "Facts") -> Subjects:
    for bucket in facts.buckets:
        if bucket.breaker.state != "closed" and not _is_refusal(bucket):
            yield bucket.bucket, bucket.breaker.failures, f"it is left alone after failures: {bucket.breaker.reason}"


def _key_refused(facts: "Facts") -> Subjects:
    for bucket in facts.buckets:
        if bucket.breaker.state != "closed" and _is_refusal(bucket):
            yield bucket.bucket, bucket.breaker.failures, f"it does not accept our key: {bucket.breaker.reason}"


def _is_refusal(bucket: "BucketStatus") -> bool:
    reason = bucket.breaker.reason or ""
    return reason in REFUSALS or "unauthorized" in reason.split()


def _sync_lag(facts: "Facts") -> Subjects:
    lag = facts.freshness.changes_lag
    if lag is not None and lag > (LONGEST_RUN if facts.is_following else LONGEST_LAG):
        yield "mirror", lag, f"Open Library's changes were read {lag / HOUR:.0f} hours ago"


def _gap_found(facts: "Facts") -> Subjects:
    if gaps := facts.freshness.gaps:
        yield "mirror", gaps, f"{gaps} stretch{'' if gaps == 1 else 'es'} of Open Library's changes could not be read"


def _dump_refused(facts: "Facts") -> Subjects:
    if facts.refused is not None:
        yield "mirror", 1, f"the newest dump was refused, the mirror before still serves: {facts.refused[:500]}"


def _disk_space(facts: "Facts") -> Subjects:
    for disk in facts.disks:
        if disk.free < min(max(FREE_SHARE * disk.total, LEAST_FREE), MOST_FREE):
            free = f"{disk.free / (1 << 30):,.1f} of {disk.total / (1 << 30):,.0f} GiB are free"
            yield f"{disk.host}/{disk.folder}", disk.free, f"the disk of {disk.folder} is nearly full: {free}"


def _error_rate(facts: "Facts") -> Subjects:
    if facts.errors >= LEAST_ERRORS and facts.errors > ERROR_SHARE * facts.requests:
        share = facts.errors / facts.requests
        said = f"{facts.errors:,} of {facts.requests:,} requests of the last five minutes were answered with 5xx"
        yield "api", share, said


def _process_silent(facts: "Facts") -> Subjects:
    for each in facts.services:
        if not each.live:
            seconds = (facts.now - each.seen_at).total_seconds()
            yield each.service, seconds, f"no {each.service} process was heard of since {_shown(each.seen_at)}"


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


RULES: Final = (
    Rule("quota-70", "info", "70 % of a bucket's day are used", _quota("quota-70"), "quota"),
    Rule("quota-85", "warning", "85 % of a bucket's day are used", _quota("quota-85"), "quota"),
    Rule("quota-100", "critical", "a bucket's day is used up an hour before its end", _quota("quota-100"), "quota"),
    Rule("dead-letters", "warning", "jobs failed for good", _dead_letters),
    Rule("oldest-job", "warning", "a job is due for more than 6 hours", _oldest_job),
    Rule("no-progress", "critical", "jobs are due, and none of their kind ended in ten minutes", _no_progress),
    Rule("breaker-open", "warning", "a provider is left alone after failures", _breaker_open),
    Rule("key-refused", "critical", "a provider does not accept our key (401, 403)", _key_refused),
    Rule("sync-lag", "warning", "changes were not read for 24 hours", _sync_lag),
    Rule("gap-found", "warning", "changes could not be read", _gap_found),
    Rule("dump-refused", "warning", "the newest dump was refused", _dump_refused),
    Rule("disk-space", "critical", "less than 5 % of a disk are free (1 GiB at least, 20 GiB at most)", _disk_space),
    Rule("error-rate", "critical", "more than 5 % of the answers of five minutes are 5xx, ten or more", _error_rate),
    Rule("process-silent", "critical", "no process of a service is heard of for 30 seconds", _process_silent),
)  # fmt: skip


def find_conditions(facts: "Facts") -> list[Condition]:
    """Everything that is wrong, by the order of the rules."""
    return [Condition(rule, *found) for rule in RULES for found in rule.find(facts)]
