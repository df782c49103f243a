-- Spreading tables over the servers of a Citus cluster. Only `has_extension` and `offers_extension` run without Citus.

-- name: has_extension
-- Whether this database has Citus, and whether its server could: (has, could).
select exists (select from pg_extension where extname = 'citus'),
    exists (select from pg_available_extensions where name = 'citus')

-- name: is_loading
-- Whether a load of the mirror is running.
select not pg_try_advisory_xact_lock(hashtext('alexandria.mirror.load'))

-- name: is_key_of_many
-- Whether the primary key of the editions is already the one that they have on many servers.
select exists (select from pg_constraint
    where conrelid = 'mirror.editions'::regclass and contype = 'p' and cardinality(conkey) = 2)

-- name: list_functions
-- The functions that statements call in the wire form of numbers, times and JSON: (signature).
select p.oid::regprocedure::text from pg_proc p
where p.pronamespace = 'mirror_meta'::regnamespace
    and p.proname in ('work_key', 'author_key', 'utc', 'quoted', 'member', 'named_author')
order by 1
