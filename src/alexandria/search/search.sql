-- name: bound
-- Nothing; what follows in the transaction takes no longer than this, and reads by index.
select set_config('statement_timeout', %(milliseconds)s, true), set_config('enable_seqscan', 'off', true),
    set_config('work_mem', '16MB', true)

-- name: count_words
-- In how many documents words are: (word, titles, authors); those that are in none have no row.
select word, sum(titles)::integer, sum(authors)::integer from (
    select word, titles, authors from mirror.lexicon where word = any(%(words)s::text[])
    union all
    select word, titles, authors from search.lexicon where word = any(%(words)s::text[])) known
group by word

-- name: list_near_words
-- Words of some length that have a beginning or an end in common with asked ones, the most frequent of each first:
-- (place of the asked one, word, titles, authors).
select distinct q.place, l.word, l.titles, l.authors
from unnest(%(places)s::integer[], %(sizes)s::integer[], %(fronts)s::text[], %(backs)s::text[])
    as q(place, size, front, back)
cross join lateral (
    (select word, titles, authors from mirror.lexicon
     where length(word) = q.size and word >= q.front collate "C" and word < (q.front || chr(1114111)) collate "C"
     order by titles + authors desc limit 400)
    union all
    (select word, titles, authors from mirror.lexicon
     where length(word) = q.size and reverse(word) collate "C" >= q.back collate "C"
         and reverse(word) collate "C" < (q.back || chr(1114111)) collate "C"
     order by titles + authors desc limit 400)
    union all
    (select word, titles, authors from search.lexicon
     where length(word) = q.size and word >= q.front collate "C" and word < (q.front || chr(1114111)) collate "C"
     limit 400)
    union all
    (select word, titles, authors from search.lexicon
     where length(word) = q.size and reverse(word) collate "C" >= q.back collate "C"
         and reverse(word) collate "C" < (q.back || chr(1114111)) collate "C"
     limit 400)) l

-- name: list_frequent_words
-- The most frequent words that begin so, of those that are in many documents: (word, titles, authors).
select word, titles, authors from mirror.lexicon
where word >= %(front)s collate "C" and word < (%(front)s || chr(1114111)) collate "C" and titles + authors >= 50
order by titles + authors desc, word limit %(most)s

-- name: list_words
-- The most frequent words that begin so: (word, titles, authors).
select word, sum(titles)::integer, sum(authors)::integer from (
    (select word, titles, authors from mirror.lexicon
     where word >= %(front)s collate "C" and word < (%(front)s || chr(1114111)) collate "C" limit 50000)
    union all
    (select word, titles, authors from search.lexicon
     where word >= %(front)s collate "C" and word < (%(front)s || chr(1114111)) collate "C" limit 5000)) known
group by word order by sum(titles) + sum(authors) desc, word limit %(most)s

-- name: find_documents
-- Candidates by any of several terms: those of the mirror, the most popular first, and those learned beside it: (kind,
-- id, work_id, popularity, year, last_year, formats, has_cover, languages, title, more, authors, editions).
-- Each of the terms is a scan of the index of its own. One of them all would weigh all their words for each document.
(select 'work' as kind, work_id as id, work_id, popularity, year, last_year, formats, has_cover, languages, title, more,
    authors, coalesce(editions, popularity) as editions
 from (select * from mirror.documents
       where search.terms(title, more, authors, extra) @@ any(%(terms)s::tsquery[]) limit %(most_read)s) d
 where (%(from_year)s::integer is null or last_year >= %(from_year)s)
   and (%(to_year)s::integer is null or year <= %(to_year)s)
   and (%(formats)s::integer is null or formats & %(formats)s <> 0)
   and (%(has_cover)s::boolean is null or has_cover = %(has_cover)s)
 limit %(most)s)
union all
(select kind, id, work_id, popularity, year, last_year, formats, has_cover, languages, title, more, authors, popularity
 from search.documents d
 where search.terms(title, more, authors, extra) @@ any(%(terms)s::tsquery[])
   and (%(from_year)s::integer is null or last_year >= %(from_year)s)
   and (%(to_year)s::integer is null or year <= %(to_year)s)
   and (%(formats)s::integer is null or formats & %(formats)s <> 0)
   and (%(has_cover)s::boolean is null or has_cover = %(has_cover)s)
 limit %(most)s)

-- name: find_popular_documents
-- As find_documents, but only among the works of many editions: for words that are everywhere.
(select 'work' as kind, work_id as id, work_id, popularity, year, last_year, formats, has_cover, languages, title, more,
    authors, coalesce(editions, popularity) as editions
 from (select * from mirror.documents
       where search.terms(title, more, authors, extra) @@ any(%(terms)s::tsquery[]) and popularity >= 8
       limit %(most_read)s) d
 where (%(from_year)s::integer is null or last_year >= %(from_year)s)
   and (%(to_year)s::integer is null or year <= %(to_year)s)
   and (%(formats)s::integer is null or formats & %(formats)s <> 0)
   and (%(has_cover)s::boolean is null or has_cover = %(has_cover)s)
 limit %(most)s)

-- name: find_documents_by_title
-- Candidates whose main title is one of these: as find_documents.
select d.* from unnest(%(codes)s::integer[]) as asked(code)
cross join lateral (
    (select 'work' as kind, work_id as id, work_id, popularity, year, last_year, formats, has_cover, languages, title,
        more, authors, coalesce(editions, popularity) as editions
     from mirror.documents where title_code = asked.code limit %(most)s)
    union all
    (select kind, id, work_id, popularity, year, last_year, formats, has_cover, languages, title, more, authors,
        popularity
     from search.documents where title_code = asked.code limit %(most)s)) d
where (%(language)s::text is null or %(language)s = any(string_to_array(languages, ' ')))
  and (%(from_year)s::integer is null or last_year >= %(from_year)s)
  and (%(to_year)s::integer is null or year <= %(to_year)s)
  and (%(formats)s::integer is null or formats & %(formats)s <> 0)
  and (%(has_cover)s::boolean is null or has_cover = %(has_cover)s)

-- name: find_documents_of_authors
-- The documents of the works of some authors, of each so many: as find_documents, with the author's number in front.
select i.id, 'work' as kind, d.work_id as id, d.work_id, d.popularity, d.year, d.last_year, d.formats, d.has_cover,
    d.languages, d.title, d.more, d.authors, coalesce(d.editions, d.popularity) as editions
from unnest(%(authors)s::bigint[]) as i(id)
cross join lateral (
    (select work_id from mirror.work_authors where author_id = i.id limit %(most)s)
    union
    (select work_id from enriched.work_authors where author_id = i.id limit %(most)s)) found
join mirror.documents d on d.work_id = found.work_id

-- name: choose_editions
-- The best editions of works: those that fit what was asked first, then those in the wished language, then the most
-- complete: (work_id, edition_id, isbn or null). Those beside the mirror have -isbn.
select w.id, e.id, e.isbn
from unnest(%(works)s::bigint[]) with ordinality as w(id, place)
cross join lateral (
    select id, isbn from (
        (select id, isbns[1] as isbn, language, format, year, data ? 'covers' as has_cover, completeness
         from mirror.editions where work_id = w.id limit 1000)
        union all
        (select -x.isbn, x.isbn, coalesce(x.chosen ->> 'language', ''), x.chosen ->> 'format', null, false, x.completeness
         from enriched.editions x
         where x.work_id = w.id and not exists (select from mirror.edition_isbns m where m.isbn = x.isbn) limit 1000)
    ) known
    order by %(language)s::text is null or language is not distinct from %(language)s desc,
        %(format)s::text is null or format is not distinct from %(format)s desc,
        coalesce(year >= %(from_year)s::integer, %(from_year)s::integer is null)
            and coalesce(year <= %(to_year)s::integer, %(to_year)s::integer is null) desc,
        coalesce(language = %(wished)s, false) desc, completeness desc, id
    limit %(each)s) e
order by w.place

-- name: read_suggestions
-- Works as they are suggested, in the order asked for: (key, title, names of the authors).
select mirror_meta.work_key(i.id), coalesce(x.chosen ->> 'title', w.title, e.title),
    coalesce((select array_agg(coalesce(xa.name, a.name) order by y.n)
        from unnest(coalesce(x.author_ids, w.author_ids, e.author_ids)) with ordinality y(id, n)
        left join mirror.authors a on a.id = y.id left join enriched.authors xa on xa.author_id = y.id
        where coalesce(xa.name, a.name) is not null), '{}')
from unnest(%(works)s::bigint[]) with ordinality as i(id, place)
left join mirror.works w on w.id = i.id
left join enriched.works x on x.work_id = i.id
left join lateral (select title, author_ids from mirror.editions where work_id = i.id limit 1) e on w.id is null
where coalesce(x.chosen ->> 'title', w.title, e.title) is not null
order by i.place
