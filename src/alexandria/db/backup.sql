-- What a backup reads from the catalogue of tables, and a restore changes around its rows.
-- `without` names the schemas that are left out.

-- name: list_backup_tables
-- Tables, a partitioned one as a whole: (schema, name, partitioned, columns that can be written, bytes on disk).
select n.nspname::text, c.relname::text, c.relkind = 'p', columns.names,
       coalesce((select sum(pg_table_size(t.relid)) from pg_partition_tree(c.oid) t), pg_table_size(c.oid), 0)::bigint
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
    select array_agg(a.attname::text order by a.attnum) as names from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') columns
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> all (%(without)s::text[])
  and (n.nspname, c.relname) <> ('public', 'alexandria_migrations')
  and columns.names is not null
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by 1, 2

-- name: list_backup_partitions
-- Partitions that hold rows: (schema, name, schema of the parent, parent, bound).
select n.nspname::text, c.relname::text, np.nspname::text, p.relname::text, pg_get_expr(c.relpartbound, c.oid)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_inherits i on i.inhrelid = c.oid
join pg_class p on p.oid = i.inhparent
join pg_namespace np on np.oid = p.relnamespace
where c.relispartition and c.relkind = 'r' and np.nspname <> all (%(without)s::text[])
order by 1, 2

-- name: list_backup_sequences
-- Sequences, those of identity columns too: (schema, name).
select n.nspname::text, c.relname::text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'S' and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> all (%(without)s::text[])
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by 1, 2

-- name: list_backup_migrations
-- The migrations the database has: (number, name, sha256).
select number, name, sha256 from public.alexandria_migrations order by number

-- name: set_sequence
-- Puts a sequence at a value that was given out already.
select setval((quote_ident(%(schema)s) || '.' || quote_ident(%(name)s))::regclass, %(value)s::bigint, true)

-- name: list_foreign_keys
-- Foreign keys from or to tables outside the schemas left out: (schema, table, name, definition).
select n.nspname::text, c.relname::text, k.conname::text, pg_get_constraintdef(k.oid)
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class r on r.oid = k.confrelid
join pg_namespace nr on nr.oid = r.relnamespace
where k.contype = 'f' and k.conparentid = 0
  and (n.nspname <> all (%(without)s::text[]) or nr.nspname <> all (%(without)s::text[]))
order by 1, 2, 3

-- name: list_triggers
-- Triggers that would fire, parents before their partitions: (schema, table, name, when it fires).
select n.nspname::text, c.relname::text, t.tgname::text, t.tgenabled::text
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
join pg_namespace n on n.oid = c.relnamespace
where not t.tgisinternal and t.tgenabled <> 'D' and c.relkind in ('r', 'p')
  and n.nspname <> all (%(without)s::text[])
order by c.relispartition, 1, 2, 3
