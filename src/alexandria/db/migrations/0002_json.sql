-- The wire form of numbers and times, for the statements that build JSON (see biblio.keys for the other direction).
-- Stable, not immutable, as what they call is: only then are they inlined.

create function mirror_meta.work_key(id bigint) returns text language sql stable parallel safe as $$
    select case when id < 0 then 'AXE' || -id || 'W'
                when id >= 1000000000000 then 'AX' || id - 1000000000000 || 'W'
                else 'OL' || id || 'W' end
$$;

create function mirror_meta.author_key(id bigint) returns text language sql stable parallel safe as $$
    select case when id >= 1000000000000 then 'AX' || id - 1000000000000 || 'A' else 'OL' || id || 'A' end
$$;

create function mirror_meta.utc(modified timestamp) returns text language sql stable parallel safe as $$
    select to_char(modified, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- Pieces of JSON text.

create function mirror_meta.quoted(value text) returns text language sql stable parallel safe as $$
    select coalesce(to_json(value)::text, 'null')
$$;

create function mirror_meta.member(data jsonb, name text, otherwise text) returns text
language sql stable parallel safe as $$
    select coalesce((data -> name)::text, otherwise)
$$;

create function mirror_meta.named_author(id bigint, name text) returns text language sql stable parallel safe as $$
    select '{"key":"' || mirror_meta.author_key(id) || '","name":' || mirror_meta.quoted(name) || '}'
$$;
