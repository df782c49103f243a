"""Faults of a whole installation, each as what it leaves in the database, and the alert that it must raise.

What is recent is dated an hour ahead, since tests let the clock of the rules run ahead.
"""

from dataclasses import dataclass

from alexandria.quota.policy import Policy

NOON = """insert into quota.clock (speed, theirs, ours)
          values (1, now(), date_trunc('day', now() at time zone 'utc') at time zone 'utc' + interval '12 hours')"""
BUCKETS = ("isbndb", "google-books", "open-library", "wikimedia", "internet-archive")
POLICIES = {name: Policy(name, 1.0, 120, 20) for name in BUCKETS}


@dataclass(frozen=True)
class Fault:
    """What makes an alert of a rule about a subject, and what ends it."""

    rule: str
    subject: str
    make: str
    mend: str


def used(bucket: str, units: int) -> tuple[str, str]:
    make = f"""insert into quota.windows (bucket, began_at, resets_at, interactive)
               select '{bucket}', day, day + interval '1 day', {units}
               from (select date_trunc('day', quota.now() at time zone 'utc') at time zone 'utc' as day) today"""
    return make, f"update quota.windows set interactive = 0 where bucket = '{bucket}'"


def broken(bucket: str, reason: str) -> tuple[str, str]:
    make = f"""insert into quota.breakers (bucket, failures, openings, opened_at, open_until, reason)
               values ('{bucket}', 5, 1, quota.now(), quota.now() + interval '1 minute', '{reason}')"""
    mend = f"update quota.breakers set open_until = null, failures = 0, reason = null where bucket = '{bucket}'"
    return make, mend


def waiting(kind: str, since: str, done: int) -> tuple[str, str]:
    make = f"""insert into queue.jobs (id, kind, key, lane, priority, payload, most_attempts, run_at, created_at)
               values (gen_random_uuid(), '{kind}', 1, 'enrichment', 5, '{{}}', 5, now() - interval '{since}', now());
               insert into queue.tallies (kind, lane, minute, active, completed)
               values ('{kind}', 'enrichment', date_trunc('minute', now()) + interval '1 hour', 1, {done})"""
    return make, f"delete from queue.jobs where kind = '{kind}'; delete from queue.tallies where kind = '{kind}'"


def process(service: str, seen: str, disks: str = "[]") -> tuple[str, str]:
    make = f"""insert into ops.processes (id, service, host, seen_at, disks)
               values ('{service}', '{service}', 'box', now() + interval '{seen}', '{disks}')"""
    return make, f"delete from ops.processes where id = '{service}'"


DEAD = ("""insert into queue.finished (id, kind, key, lane, priority, payload, result, state, attempts, most_attempts,
                                       created_at, finished_at)
           values (gen_random_uuid(), 'refold', 1, 'enrichment', 5, '{}', '{}', 'dead', 5, 5, now(), now());
           insert into queue.tallies (kind, lane, minute, dead) values ('refold', 'enrichment', '-infinity', 1)""",
        "delete from queue.finished; delete from queue.tallies where kind = 'refold'")  # fmt: skip
LAG = ("""update mirror_meta.sync_metadata set value = (now() - interval '25 hours')::text
          where key = 'ol_last_changes_sync'""",
       "update mirror_meta.sync_metadata set value = now()::text where key = 'ol_last_changes_sync'")  # fmt: skip
GAP = ("insert into mirror_meta.gaps (from_time, to_time, reason) values (now(), now(), 'too many')",
       "update mirror_meta.gaps set closed_at = now()")  # fmt: skip
REFUSED = ("""insert into mirror_meta.loads (signature, files, state, reason)
              values ('x', '[]', 'refused', 'editions would shrink from 5 to 1 rows')""",
           "insert into mirror_meta.loads (signature, files, state) values ('y', '[]', 'live')")  # fmt: skip
FULL = process("api", "1 hour", '[{"folder": "data", "free": 100, "total": 100000000000}]')
ERRORS = ("""insert into ops.minutes (minute, process, requests, errors)
             values (date_trunc('minute', now()) + interval '1 hour', 'api', 100, 20)""",
          "update ops.minutes set errors = 0")  # fmt: skip

FAULTS = (
    Fault("quota-70", "isbndb", *used("isbndb", 70)),
    Fault("quota-85", "google-books", *used("google-books", 99)),
    Fault("quota-100", "open-library", *used("open-library", 100)),
    Fault("dead-letters", "refold", *DEAD),
    Fault("oldest-job", "author", *waiting("author", "7 hours", 1)),
    Fault("no-progress", "work", *waiting("work", "11 minutes", 0)),
    Fault("breaker-open", "wikimedia", *broken("wikimedia", "503 unavailable")),
    Fault("key-refused", "internet-archive", *broken("internet-archive", "401 unauthorized")),
    Fault("sync-lag", "mirror", *LAG),
    Fault("gap-found", "mirror", *GAP),
    Fault("dump-refused", "mirror", *REFUSED),
    Fault("disk-space", "box/data", *FULL),
    Fault("error-rate", "api", *ERRORS),
    Fault("process-silent", "worker", *process("worker", "-31 seconds")),
)
