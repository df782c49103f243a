-- The wire form of numbers and times, for the statements that build JSON (see biblio.keys for the other direction).

create function mirror_meta.work_key(id bigint) returns text language sql immutable parallel safe as $$
    select case when id < 0 then 'AXE' || -id || 'W'
                when id >= 1000000000000 then 'AX' || id - 1000000000000 || 'W'
                else 'OL' || id || 'W' end
$$;

create function mirror_meta.author_key(id bigint) returns text language sql immutable parallel safe as $$
    select case when id >= 1000000000000 then 'AX' || id - 1000000000000 || 'A' else 'OL' || id || 'A' end
$$;

create function mirror_meta.utc(modified timestamp) returns text language sql immutable parallel safe as $$
    select to_char(modified, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;
