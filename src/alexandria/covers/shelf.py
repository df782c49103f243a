"""Covers for serving: which picture an ISBN has, and its bytes, both remembered for a while.

An ISBN's picture is believed for a few seconds, so that one that was marked wrong is gone soon in every process. A
picture under its hash never changes, and is kept as long as there is room. Those who ask at the same time share one
statement.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alexandria.covers.keys import Form, Size, object_key
from alexandria.covers.pool import Decoders
from alexandria.covers.store import SQL
from alexandria.db import Database
from alexandria.store.objects import Objects

FRESH: Final = 5.0  # seconds for which an ISBN's picture is believed
MOST_ISBNS: Final = 20_000  # remembered at a time
MOST_BYTES: Final = 64 << 20  # of pictures that are remembered


@dataclass(frozen=True, slots=True)
class Place:
    """A picture, and since when an ISBN has it (None: that was not asked)."""

    digest: bytes
    stored_at: datetime | None


class Shelf:
    """Reads covers; one per process."""

    def __init__(
        self, database: Database, objects: Objects, decoders: Decoders, *, fresh: float = FRESH, room: int = MOST_BYTES
    ) -> None:
        self._database, self._objects, self._decoders = database, objects, decoders
        self._fresh, self._room = fresh, room
        self._places: OrderedDict[int, tuple[float, Place | None]] = OrderedDict()
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._asked: dict[int, asyncio.Future[Place | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    def recall(self, isbn: int) -> tuple[Place | None] | None:
        """The picture that an ISBN had a moment ago, if that is known, in a tuple; None has to be looked up."""
        known = self._places.get(isbn)
        return (known[1],) if known and known[0] > time.monotonic() else None

    async def find(self, isbn: int) -> Place | None:
        """The picture that an ISBN has. Raises DatabaseUnavailable."""
        if known := self.recall(isbn):
            return known[0]
        future = self._asked.get(isbn)
        if future is None:
            future = self._asked[isbn] = asyncio.get_running_loop().create_future()
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(future)

    def forget(self, isbns: Sequence[int]) -> None:
        """Nothing; these are looked up anew."""
        for isbn in isbns:
            self._places.pop(isbn, None)

    def held(self, digest: bytes, size: Size, form: Form = "webp") -> bytes | None:
        """A picture that is in memory."""
        return self._pictures.get(object_key(digest, size, form))

    async def read(self, digest: bytes, size: Size, form: Form = "webp") -> bytes | None:
        """A picture; None when the store has none. JPEG is made of WebP the first time. Raises StoreFailed."""
        key = object_key(digest, size, form)
        picture = self._pictures.get(key)
        if picture is not None:
            self._pictures.move_to_end(key)
            return picture
        picture = await self._objects.get(key)
        if picture is None and form == "jpg":
            picture = await self._converted(digest, size)
        if picture is not None:
            self._keep(key, picture)
        return picture

    async def _converted(self, digest: bytes, size: Size) -> bytes | None:
        webp = await self.read(digest, size)
        if webp is None:
            return None
        picture = await self._decoders.to_jpeg(webp)
        await self._objects.put(object_key(digest, size, "jpg"), picture)
        return picture

    def _keep(self, key: str, picture: bytes) -> None:
        if key not in self._pictures:
            self._size += len(picture)
        self._pictures[key] = picture
        while self._size > self._room:
            _, gone = self._pictures.popitem(last=False)
            self._size -= len(gone)

    async def _ask(self) -> None:
        """Nothing; all that is asked for was looked up."""
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                await self._look_up(asked)
        finally:
            self._asking = None

    async def _look_up(self, asked: dict[int, asyncio.Future[Place | None]]) -> None:
        try:
            rows = await self._database.fetch(SQL["find_hashes"], {"isbns": list(asked)})
        except Exception as error:  # told to everybody who waits
            for future in asked.values():
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # whoever waited may have gone
            return
        found = {isbn: Place(bytes(digest), stored_at) for isbn, digest, stored_at in rows}
        until = time.monotonic() + self._fresh
        for isbn, future in asked.items():
            self._places[isbn] = (until, found.get(isbn))
            if not future.done():
                future.set_result(found.get(isbn))
        while len(self._places) > MOST_ISBNS:
            self._places.popitem(last=False)
