"""Changed records applied to the live mirror, so that it becomes what a load of a dump with them would have made.

Whatever the order and however often: an older revision never replaces a newer one, what is derived from a record
(ISBNs, authors' works, counters) follows in the same transaction, references are led through redirects as a load
leads them. Every record is noted in mirror_meta.touched first, so that a load that is under way takes it over; the
lock on that table keeps the swap, and everybody else who applies changes, out until the transaction ends.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from alexandria.biblio.keys import Key
from alexandria.biblio.records import Author, Edition, Record, Work
from alexandria.db import Transaction, load_statements
from alexandria.mirror.documents import changed_names, changed_works, renew_documents, works_of
from alexandria.mirror.held import columns_of, listed_works, read_held
from alexandria.mirror.parse import WHOLE, Part
from alexandria.mirror.revise import Change, Held, lead, newest, replaces
from alexandria.mirror.rows import Row

SQL = load_statements(__package__)
COUNTED = ("authors", "works", "editions", "edition_isbns", "redirects", "deletes")
TABLES: Mapping[type[Record], str] = {Author: "authors", Work: "works", Edition: "editions"}


@dataclass(slots=True)
class Applied:
    """What became of changes: how many were `applied`, and how many were `known` already, or older than what is held.

    `isbns`, `works` and `authors` are those of which the mirror may say something else now; `fresh` the editions that
    are new, by their ISBNs with their completeness. `unsure` are records whose references were led through a redirect
    that is no more: they are to be fetched again.
    """

    applied: int = 0
    known: int = 0
    isbns: set[int] = field(default_factory=set)
    works: set[int] = field(default_factory=set)
    authors: set[int] = field(default_factory=set)
    fresh: dict[int, int] = field(default_factory=dict)
    unsure: set[Key] = field(default_factory=set)


async def apply_changes(transaction: Transaction, changes: Iterable[Change], part: Part = WHOLE) -> Applied:
    """What became of the changes, which hold when the caller's transaction commits. It must have changed nothing yet.

    Of editions that are not in the `part` that was loaded nothing is kept.
    """
    wanted = newest(changes)
    await transaction.execute(SQL["hold_mirror"])
    held = await read_held(transaction, wanted)
    chosen = {key: change for key, change in wanted.items() if replaces(change, held.get(key))}
    applied = Applied(len(chosen), len(wanted) - len(chosen))
    if chosen:
        await _Revision(transaction, chosen, held, part, applied).run()
    return applied


class _Revision:
    """Changes that are to be made, and what the mirror had of their records before."""

    def __init__(
        self,
        transaction: Transaction,
        changes: Mapping[Key, Change],
        held: Mapping[Key, Held],
        part: Part,
        applied: Applied,
    ) -> None:
        self._transaction, self._changes, self._held, self._applied = transaction, changes, held, applied
        self._kept = {key: change for key, change in changes.items() if part.holds(change.record)}

    async def run(self) -> None:
        clock = await self._transaction.fetch_one(SQL["read_clock"])
        assert clock is not None
        await self._touch(self._changes)
        works = await changed_works(self._transaction, clock[0])
        names = await changed_names(self._transaction, clock[0])
        before = await self._count()
        led = await self._resolve([key for key, held in self._held.items() if held.is_redirect])
        await self._take_out()
        await self._put_in_redirects()
        await self._put_in_records()
        await self._move_others()
        await self._doubt(led)
        after = await self._count()
        after.subtract(before)
        works |= await changed_works(self._transaction, clock[0])
        renamed = names ^ await changed_names(self._transaction, clock[0])
        works |= await works_of(self._transaction, {author for author, *_ in renamed})
        await renew_documents(self._transaction, works)
        params = {"names": list(COUNTED), "changes": [after[name] for name in COUNTED]}
        await self._run("add_to_counters", **params)

    async def _touch(self, keys: Iterable[Key]) -> None:
        """Nothing; the records are noted as changed, for a load and for the caller."""
        numbers = list(keys)
        await self._run("touch", **columns_of(numbers))
        for kind, number in numbers:
            if kind != "edition":
                (self._applied.works if kind == "work" else self._applied.authors).add(number)

    async def _count(self) -> Counter[str]:
        row = await self._transaction.fetch_one(SQL["count_held"], columns_of(self._changes))
        assert row is not None
        return Counter(dict(zip(COUNTED, map(int, row), strict=True)))

    async def _resolve(self, keys: Iterable[Key]) -> dict[Key, int]:
        """Where merged works and authors lead at present."""
        asked = [key for key in dict.fromkeys(keys) if key.kind != "edition"]
        if not asked:
            return {}
        rows = await self._transaction.fetch(SQL["resolve_keys"], columns_of(asked))
        return {Key(kind, number): final for kind, number, final in rows}

    # --- what was ------------------------------------------------------------------------------------------------

    async def _take_out(self) -> None:
        """Nothing; lists know the records no more, and those that turn into something else are gone."""
        had = [(key, self._held[key]) for key in self._changes if key in self._held]
        isbns = [(isbn, key.number) for key, held in had if key.kind == "edition" for isbn in held.isbns]
        self._applied.isbns.update(isbn for isbn, _ in isbns)
        await self._pairs("unlist_changed_isbns", "isbns", "ids", isbns)
        works = [(author, work) for key, held in had for author, work in listed_works(key, held.work, held.authors)]
        self._applied.works.update(work for _, work in works)
        await self._pairs("unlist_changed_works", "authors", "works", works)
        back = [key for key, held in had if held.is_redirect and not self._is_redirect(key)]
        if back:
            await self._run("delete_redirects", **columns_of(back))
        for kind in ("author", "work", "edition"):
            ids = [
                key.number
                for key, held in had
                if key.kind == kind and not held.is_redirect and (self._is_redirect(key) or key not in self._kept)
            ]
            if ids:
                await self._run(f"delete_{kind}s", ids=ids)

    def _is_redirect(self, key: Key) -> bool:
        return self._changes[key].is_redirect

    # --- what is -------------------------------------------------------------------------------------------------

    async def _put_in_redirects(self) -> None:
        rows = []
        for key, change in self._kept.items():
            if change.is_redirect:
                held, row = self._held.get(key), change.row()
                row["isbns"] = row["isbns"] or (list(held.isbns) if held and held.isbns else None)
                rows.append(row)
        await self._write("write_redirects", rows)
        await self._list_isbns([{**row, "work_id": 0, "completeness": -1} for row in rows if row["kind"] == "edition"])

    async def _put_in_records(self) -> None:
        rows: dict[str, list[Row]] = {"authors": [], "works": [], "editions": []}
        for change in self._kept.values():
            if not change.is_redirect:
                rows[TABLES[type(change.record)]].append(change.row())
        await self._lead(rows["works"], rows["editions"])
        for table, found in rows.items():
            await self._write(f"write_changed_{table}", found)
        await self._list_isbns(rows["editions"])
        listed = [(author, row["id"]) for row in rows["works"] for author in row["author_ids"] or ()]
        own = [row for row in rows["editions"] if row["work_id"] < 0]
        listed += [(author, row["work_id"]) for row in own for author in row["author_ids"] or ()]
        self._applied.works.update(work for _, work in listed)
        await self._pairs("list_changed_works", "authors", "works", listed)

    async def _lead(self, works: Sequence[Row], editions: Sequence[Row]) -> None:
        """Nothing; the rows name what is left of merged works and authors."""
        authors = [Key("author", number) for row in (*works, *editions) for number in row["author_ids"] or ()]
        finals = await self._resolve([*authors, *(Key("work", row["work_id"]) for row in editions)])
        people = {key.number: final for key, final in finals.items() if key.kind == "author"}
        for row in (*works, *editions):
            row["author_ids"] = lead(row["author_ids"] or (), people) or None
        for row in editions:
            row["work_id"] = finals.get(Key("work", row["work_id"]), row["work_id"])

    async def _list_isbns(self, rows: Sequence[Row]) -> None:
        listed = [(isbn, row) for row in rows for isbn in row["isbns"] or ()]
        for isbn, row in listed:
            self._applied.isbns.add(isbn)
            if Key("edition", row["id"]) not in self._held and row["completeness"] >= 0:
                self._applied.fresh[isbn] = row["completeness"]
        if listed:
            await self._run(
                "list_changed_isbns",
                isbns=[isbn for isbn, _ in listed],
                ids=[row["id"] for _, row in listed],
                works=[row["work_id"] for _, row in listed],
                completeness=[row["completeness"] for _, row in listed],
                revisions=[row["revision"] for _, row in listed],
            )

    # --- what others say -----------------------------------------------------------------------------------------

    async def _move_others(self) -> None:
        """Nothing; records that name a merged work or author name what is left of it."""
        merged = await self._resolve(key for key in self._kept if self._is_redirect(key))
        works = {key.number: final for key, final in merged.items() if key.kind == "work" and key.number != final}
        if works:
            params = {"ids": list(works), "finals": list(works.values())}
            rows = await self._transaction.fetch(SQL["move_editions"], params)
            await self._touch(Key("edition", number) for number, _ in rows)
            self._applied.isbns.update(isbn for _, isbns in rows for isbn in isbns or ())
        authors = {key.number: final for key, final in merged.items() if key.kind == "author" and key.number != final}
        if authors:
            await self._rename_authors(authors)

    async def _rename_authors(self, finals: Mapping[int, int]) -> None:
        rows, unlisted, listed = [], set(), set()
        for kind, number, work, before, isbns in await self._transaction.fetch(
            SQL["find_naming_authors"], {"ids": list(finals)}
        ):
            after = lead(before, finals)
            rows.append({"kind": kind, "id": number, "author_ids": after})
            self._applied.isbns.update(isbns or ())
            if work is not None:
                unlisted |= {(author, work) for author in before if author not in after}
                listed |= {(author, work) for author in after if author not in before}
                self._applied.works.add(work)
        await self._touch(Key(row["kind"], row["id"]) for row in rows)
        await self._write("set_author_ids", rows)
        await self._pairs("unlist_changed_works", "authors", "works", sorted(unlisted))
        await self._pairs("list_changed_works", "authors", "works", sorted(listed))

    async def _doubt(self, led: Mapping[Key, int]) -> None:
        """Nothing; what was led somewhere by a redirect that leads elsewhere now is unsure."""
        now = await self._resolve(led)
        astray = [(key.kind, final) for key, final in led.items() if now.get(key) != final]
        works = [final for kind, final in astray if kind == "work"]
        authors = [final for kind, final in astray if kind == "author"]
        if works:
            rows = await self._transaction.fetch(SQL["find_editions_of"], {"ids": works})
            self._applied.unsure |= {Key("edition", number) for (number,) in rows}
        if authors:
            rows = await self._transaction.fetch(SQL["find_naming_authors"], {"ids": authors})
            self._applied.unsure |= {Key(kind, number) for kind, number, *_ in rows}

    # --- statements ----------------------------------------------------------------------------------------------

    async def _run(self, name: str, **params: Any) -> None:
        await self._transaction.execute(SQL[name], params)

    async def _pairs(self, name: str, first: str, second: str, pairs: Sequence[tuple[int, int]]) -> None:
        if pairs:
            await self._run(name, **{first: [one for one, _ in pairs], second: [other for _, other in pairs]})

    async def _write(self, name: str, rows: Sequence[Row]) -> None:
        if rows:
            await self._run(name, rows=msgspec.json.encode(rows).decode())
