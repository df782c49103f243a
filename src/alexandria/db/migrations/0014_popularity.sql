-- What is derived or loaded beside the records of the mirror (the class of works that no list of works should show, the
-- series that works are in, what readers say of works), and what a campaign has done without counting its steps. Tables of
-- `mirror` are made anew by each load, and swapped with it.

drop schema if exists mirror_next cascade; -- a load that is not finished lacks them; it starts again

-- Works that are no works by the words of their titles (biblio.classes); the others have no row.
create table mirror.work_classes (
    work_id bigint primary key,
    class   text not null
);

-- Which series a work is in, as its editions say (biblio.series): those that most of them say first. `code` is shared by
-- the names of one series.
create table mirror.work_series (
    work_id  bigint not null,
    place    smallint not null,
    code     bigint not null,
    name     text not null,
    position text
);
alter table mirror.work_series add primary key (work_id, place);
create index work_series_code on mirror.work_series (code, work_id);

-- What readers say of a work: ratings and how many have it on a shelf, from Open Library's dumps of them.
create table mirror.popularity (
    work_id   bigint primary key,
    ratings   integer not null default 0,
    stars     integer not null default 0, -- sum of the ratings, of 1 to 5 each
    want      integer not null default 0, -- readers by shelf
    reading   integer not null default 0,
    have_read integer not null default 0
);

-- A document's popularity counts readers, too; null in documents made before that: then it is the number of editions.
alter table mirror.documents add column editions integer;

-- The mirror before the live one has them, too, so that a rollback leads to one that can be read.
do $$
begin
    if to_regclass('mirror_previous.editions') is not null then
        alter table mirror_previous.documents add column editions integer;
        create table mirror_previous.work_classes (like mirror.work_classes including all);
        create table mirror_previous.work_series (like mirror.work_series including all);
        create table mirror_previous.popularity (like mirror.popularity including all);
    end if;
end
$$;

-- Which similar works were found longest ago.
create index similar_made on search.similar (made_at);

-- Steps of a campaign that are over, counted as they end: a tier may have millions.
alter table harvest.campaigns
    add column done bigint not null default 0,
    add column failed bigint not null default 0,
    add column skipped bigint not null default 0;
update harvest.campaigns c set done = s.done, failed = s.failed, skipped = s.skipped
from (select campaign_id, count(*) filter (where state = 'done') as done,
          count(*) filter (where state = 'failed') as failed, count(*) filter (where state = 'skipped') as skipped
      from harvest.steps group by campaign_id) s
where s.campaign_id = c.id;
create index steps_reasons on harvest.steps (campaign_id, (state = 'failed') desc, updated_at desc)
    where reason is not null and state in ('failed', 'done');
