"""Bytes under keys: a local folder (`file:///…`), or a bucket of S3, R2, MinIO and the like (`s3://bucket/prefix`).

Credentials and endpoint of a bucket are obstore's own settings (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, …). An object
appears whole or not at all.

obstore is called in threads of our own: its asynchronous methods wake Python from threads of its own, and a process
that ends in that moment is aborted (seen with 0.12).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from alexandria.errors import AlexandriaError, SettingsInvalid

PAGE: Final = 1_000  # objects in one answer, and in one request to delete
AT_ONCE: Final = 16  # requests under way in one process
_PATIENCE: Final = timedelta(seconds=30)  # for all attempts of one request together
_LONGEST: Final = 200  # characters of somebody's error that we repeat
T = TypeVar("T")


class StoreFailed(AlexandriaError):
    """The object store did not do what it was asked, and why."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it is listed."""

    key: str
    size: int
    modified: datetime


class Objects:
    """Objects under a URL; any number of processes may share them. Close it. A folder is made at the first use."""

    def __init__(self, url: str, variable: str = "ALEXANDRIA_COVERS_URL") -> None:
        self._url, self._variable = url, variable
        self._opened: ObjectStore | None = None
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="objects")

    def check(self) -> None:
        """Nothing; raises SettingsInvalid, which names the variable, for a URL that cannot be used."""
        try:
            self._opened = _open(self._url)
        except (BaseError, ValueError, OSError) as error:
            raise SettingsInvalid([f"{self._variable} cannot be used: {_first_line(error)}"]) from None

    @property
    def _store(self) -> ObjectStore:
        if self._opened is None:
            self._opened = _open(self._url)
        return self._opened

    def close(self) -> None:
        """Nothing; requests under way end by themselves."""
        self._threads.shutdown(wait=False)

    async def put(self, key: str, data: bytes) -> None:
        """Nothing; the object is there, instead of the one that was. Raises StoreFailed."""
        with _told(key):
            await self._run(self._store.put, key, data)

    async def put_all(self, objects: Mapping[str, bytes]) -> None:
        """As `put`, for a few objects that belong together, one after the other. Raises StoreFailed."""

        def put() -> None:
            for key, data in objects.items():
                self._store.put(key, data)

        with _told(next(iter(objects), "nothing")):
            await self._run(put)

    async def get(self, key: str) -> bytes | None:
        """The object, or None when there is none. Raises StoreFailed."""
        try:
            with _told(key, may_be_missing=True):
                return await self._run(lambda: self._store.get(key).bytes().to_bytes())
        except FileNotFoundError:
            return None

    async def exists(self, key: str) -> bool:
        """Whether there is such an object. Raises StoreFailed."""
        try:
            with _told(key, may_be_missing=True):
                await self._run(self._store.head, key)
        except FileNotFoundError:
            return False
        return True

    async def delete(self, keys: Sequence[str]) -> None:
        """Nothing; none of the objects is there. Raises StoreFailed."""
        for start in range(0, len(keys), PAGE):
            page = list(keys[start : start + PAGE])
            try:
                with _told(page[0], may_be_missing=True):
                    await self._run(self._store.delete, page)
            except FileNotFoundError:  # a folder minds, a bucket does not; one by one, the others go all the same
                for key in page:
                    await self._delete_one(key)

    async def _delete_one(self, key: str) -> None:
        try:
            with _told(key, may_be_missing=True):
                await self._run(self._store.delete, key)
        except FileNotFoundError:
            pass

    async def list(self, prefix: str = "") -> AsyncIterator[Sequence[Stored]]:
        """The objects below a prefix, which is a whole part of a key, page by page. Raises StoreFailed."""
        with _told(prefix or "the store"):
            pages: Iterator[Any] = iter(self._store.list(prefix or None, chunk_size=PAGE))
            while (page := await self._run(next, pages, None)) is not None:
                yield [Stored(each["path"], each["size"], each["last_modified"]) for each in page]

    async def _run(self, action: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, action, *arguments)


def _open(url: str) -> ObjectStore:
    if url.startswith("file:"):
        return LocalStore(Path(unquote(urlsplit(url).path)), mkdir=True)
    return from_url(
        url,
        client_options={"timeout": _PATIENCE, "connect_timeout": timedelta(seconds=5), "allow_http": True},
        retry_config={"max_retries": 3, "retry_timeout": _PATIENCE},
    )


@contextmanager
def _told(key: str, *, may_be_missing: bool = False) -> Iterator[None]:
    """Nothing; what goes wrong in the block is told in our words. FileNotFoundError passes where it says so."""
    try:
        yield
    except FileNotFoundError as error:
        if may_be_missing:
            raise
        raise StoreFailed(f"the object store has no place for {key}: {_first_line(error)}") from None
    except (BaseError, OSError, ValueError) as error:
        raise StoreFailed(f"the object store failed for {key}: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    """What obstore says, without the inner workings that it shows behind it."""
    return next(iter(str(error).splitlines()), type(error).__name__)[:_LONGEST]
