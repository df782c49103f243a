"""Lines of a synthetic dump, by index: the hot part of the generator, hence plain and flat."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random

import msgspec

from alexandria.sample import plan as plans
from alexandria.sample.numbers import isbn_fields
from alexandria.sample.plan import KeyNumbers, Plan, scatter
from alexandria.sample.templates import (
    OLD,
    Template,
    author_template,
    edition_template,
    stamp,
    work_template,
)
from alexandria.sample.words import WEIGHTS, Words, make_words

STAMPS = 4096
TEMPLATES = 2048  # of editions, half as many of works and authors: far more than gzip's window holds
ROLES = ('"/type/author_role"', '"/type/author_role"', '"/type/author_role"', '{"key": "/type/author_role"}')
# fixture: 771 strings, 267 objects


class Stock(msgspec.Struct, frozen=True):
    """What is made once for a seed: words, points in time, templates by language."""

    words: Words
    stamps: list[str]
    editions: list[list[Template]]
    works: list[list[Template]]
    authors: list[Template]


@lru_cache(maxsize=2)
def make_stock(seed: int, date: str) -> Stock:
    """The stock of a seed; nothing in it is newer than the date."""
    random = Random(f"stock {seed}")  # noqa: S311
    end = datetime.fromisoformat(date).replace(tzinfo=UTC)
    span = end - datetime(2010, 1, 1, tzinfo=UTC)
    moments = [end - span * random.random() - timedelta(microseconds=1) for _ in range(STAMPS)]
    return Stock(
        words=make_words(seed),
        stamps=[moment.strftime("%Y-%m-%dT%H:%M:%S.%f") for moment in moments],
        editions=_by_language(random, edition_template, TEMPLATES),
        works=_by_language(random, work_template, TEMPLATES // 2),
        authors=[author_template(random) for _ in range(TEMPLATES // 2)],
    )


def _by_language(random: Random, make: Callable[[Random, int], Template], count: int) -> list[list[Template]]:
    return [
        [make(random, language) for _ in range(max(count * weight // 256, 16))]
        for language, weight in enumerate(WEIGHTS)
    ]


def edition_lines(plan: Plan, start: int, stop: int) -> list[str]:
    """The lines of the editions from index `start` up to `stop`, damaged ones in between."""
    stock = make_stock(plan.seed, plan.date)
    pools, stamps, salt, title_salt = stock.editions, stock.stamps, plan.seed + 10, plan.seed + 11
    heads, tails, by_weight = stock.words.heads, stock.words.tails, stock.words.by_weight
    work_of, author_of, edition_number = plan.work_finder(), plan.author_finder(), plan.edition_keys.numbering()
    work_number, author_number = plan.work_keys.numbering(), plan.author_keys.numbering()
    lines: list[str] = []
    for index in range(start, stop):
        bits = scatter(index, salt)
        work = named = work_of(index, bits)
        if index % plans.OLD_WORK_EVERY == plans.OLD_WORK_AT:
            work, named = plan.old_work(index, work)
        title_bits = scatter(work if work >= 0 else ~index, title_salt)
        author = author_of(work if work >= 0 else index, title_bits)
        links = f'"works": [{{"key": "/works/OL{work_number(named)}W"}}], ' if work >= 0 else ""
        if author >= 0 and bits >> 24 & 127 < 104:  # fixture: 79 % of editions name authors
            links += f'"authors": [{{"key": "/authors/OL{author_number(author)}A"}}], '
        language = by_weight[title_bits & 255]
        title = heads[language][title_bits >> 8 & 255] + tails[language][title_bits >> 16 & 1023]
        pool = pools[language]
        revision, first, middle, before_date, end = pool[bits % len(pool)]
        key, modified = edition_number(index), stamps[bits >> 12 & 4095]
        line = (
            f"/type/edition\t/books/OL{key}M\t{revision}\t{modified}\t{{{isbn_fields(index)}{links}"
            f"{str(100_000 + index).join(first)}{title.join(middle)}{key}{before_date}{modified}{end}"
        )
        lines.append(line if index % 1_000 not in _ODD_INDEXES else _oddity(index, line))
    return lines


_ODD_INDEXES = {at % 1_000 for at in (plans.NUL_AT, plans.MALFORMED_AT, plans.CROWD_AT)}


def _oddity(index: int, line: str) -> str:
    """The line as it is, or with the rare damage that falls on this index."""
    if index % plans.CROWD_EVERY == plans.CROWD_AT:
        line = re.sub(r'(?<="authors": \[)({[^}]*})', lambda match: ", ".join([match[1]] * 50), line, count=1)
    if index % plans.NUL_EVERY == plans.NUL_AT:
        line = re.sub(r'("title": "[^"]*)', lambda match: match[1] + "\\u0000", line, count=1)
    if index % plans.MALFORMED_EVERY == plans.MALFORMED_AT:
        return malformed_line(index) + line
    return line


def work_lines(plan: Plan, start: int, stop: int) -> list[str]:
    """The lines of the works from index `start` up to `stop`."""
    stock = make_stock(plan.seed, plan.date)
    pools, stamps, salt, title_salt = stock.works, stock.stamps, plan.seed + 12, plan.seed + 11
    heads, tails, by_weight = stock.words.heads, stock.words.tails, stock.words.by_weight
    author_of, author_number, work_number = (
        plan.author_finder(),
        plan.author_keys.numbering(),
        plan.work_keys.numbering(),
    )
    lines: list[str] = []
    for index in range(start, stop):
        bits, title_bits = scatter(index, salt), scatter(index, title_salt)
        author, links = author_of(index, title_bits), ""
        if author >= 0:
            reference = f'{{"key": "/authors/OL{author_number(author)}A"}}'
            links = f'"authors": [{{"type": {ROLES[bits >> 24 & 3]}, "author": {reference}}}], '
        language = by_weight[title_bits & 255]
        title = heads[language][title_bits >> 8 & 255] + tails[language][title_bits >> 16 & 1023]
        pool = pools[language]
        revision, first, middle, before_date, end = pool[bits % len(pool)]
        key, modified = work_number(index), stamps[bits >> 12 & 4095]
        lines.append(
            f"/type/work\t/works/OL{key}W\t{revision}\t{modified}\t{{{links}"
            f"{str(100_000 + index).join(first)}{title.join(middle)}{key}{before_date}{modified}{end}"
        )
    return lines


def author_lines(plan: Plan, start: int, stop: int) -> list[str]:
    """The lines of the authors from index `start` up to `stop`; one in a hundred is named as the one before."""
    stock = make_stock(plan.seed, plan.date)
    given, family, stamps, pool = stock.words.given, stock.words.family, stock.stamps, stock.authors
    number, salt = plan.author_keys.numbering(), plan.seed + 13
    lines: list[str] = []
    for index in range(start, stop):
        bits = scatter(index, salt)
        name_bits = (scatter(index - 1, salt) if index % 100 == 50 else bits) >> 24
        name = f"{given[name_bits & 511]} {family[name_bits >> 9 & 2047]}"
        revision, first, middle, before_date, end = pool[bits % len(pool)]
        key, modified = number(index), stamps[bits >> 12 & 4095]
        lines.append(
            f"/type/author\t/authors/OL{key}A\t{revision}\t{modified}\t{{"
            f"{str(100_000 + index).join(first)}{name.join(middle)}{key}{before_date}{modified}{end}"
        )
    return lines


def redirect_lines(plan: Plan, start: int, stop: int) -> list[str]:
    """The lines of the redirects from index `start` up to `stop`: works, then editions, then authors."""
    return [_gone_line(plan, index, "redirect") for index in range(start, stop)]


def delete_lines(plan: Plan, start: int, stop: int) -> list[str]:
    """The lines of the deleted records from index `start` up to `stop`, in the same order."""
    return [_gone_line(plan, index, "delete") for index in range(start, stop)]


def malformed_line(index: int) -> str:
    """A damaged line of one of three kinds: a column missing, blanks for tabs, a record cut off."""
    date = "2020-01-01T00:00:00.000000"
    whole = f'/type/edition\t/books/OL{900_000_000 + index}M\t1\t{date}\t{{"title": "Damaged"}}\n'
    kinds = (whole.replace(f"\t{date}", ""), whole.replace("\t", "    "), whole[:-9] + "\n")
    return kinds[index // plans.MALFORMED_EVERY % 3]


def _gone_line(plan: Plan, index: int, kind: str) -> str:
    keys, pattern, place = _gone_place(plan, index)
    if kind == "redirect":
        number = keys.number(keys.live + place)
        target = pattern.format(keys.number(keys.redirect_target(place)))
        location = f'"location": "{target}", '
    else:
        number, location = keys.number(keys.live + keys.redirected + place), ""
    key, revision = pattern.format(number), 2 + index % 7
    modified = make_stock(plan.seed, plan.date).stamps[scatter(index, plan.seed + 14) & 4095]
    return (
        f"/type/{kind}\t{key}\t{revision}\t{modified}\t{{{location}"
        f'"key": "{key}", "type": {{"key": "/type/{kind}"}}, "latest_revision": {revision}, '
        f'"revision": {revision}, "created": {stamp(OLD)}, "last_modified": {stamp(modified)}}}\n'
    )


def _gone_place(plan: Plan, index: int) -> tuple[KeyNumbers, str, int]:
    if index < plan.work_keys.redirected:
        return plan.work_keys, "/works/OL{}W", index
    index -= plan.work_keys.redirected
    if index < plan.edition_keys.redirected:
        return plan.edition_keys, "/books/OL{}M", index
    return plan.author_keys, "/authors/OL{}A", index - plan.edition_keys.redirected
