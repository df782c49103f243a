-- What is derived or loaded beside the records of the mirror: the class of works that no list of works should show, and
-- what readers say of works. Like all tables of `mirror` they are made anew by each load, and swapped with it.

drop schema if exists mirror_next cascade; -- a load that is not finished lacks them; it starts again

-- Works that are no works by the words of their titles (biblio.classes); the others have no row.
create table mirror.work_classes (
    work_id bigint primary key,
    class   text not null
);

-- What readers say of a work: ratings and how many have it on a shelf, from Open Library's dumps of them.
create table mirror.popularity (
    work_id   bigint primary key,
    ratings   integer not null default 0,
    stars     integer not null default 0, -- sum of the ratings, of 1 to 5 each
    want      integer not null default 0, -- readers by shelf
    reading   integer not null default 0,
    have_read integer not null default 0
);

-- The mirror before the live one has them, too, so that a rollback leads to one that can be read.
do $$
begin
    if to_regclass('mirror_previous.editions') is not null then
        create table mirror_previous.work_classes (like mirror.work_classes including all);
        create table mirror_previous.popularity (like mirror.popularity including all);
    end if;
end
$$;
