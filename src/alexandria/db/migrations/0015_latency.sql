-- How long lookups took, by minute, so that any process can tell of all: as in telemetry.metrics, lookups by bucket.
alter table ops.minutes add column took bigint[] not null default '{}';
