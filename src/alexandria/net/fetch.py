"""GET for large files: identity, a few redirects to expected hosts, ranges, time-outs.

One call is one attempt; what may go better next time is raised as `Interrupted`, which `retry` is about.
"""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx2

from alexandria.net.identity import certificates, check_contact, is_loopback, user_agent
from alexandria.net.identity import shown as shown
from alexandria.net.retry import FetchFailed, Interrupted, read_wish

MOST_REDIRECTS = 5
TIMEOUT = httpx2.Timeout(60.0, connect=15.0)
_MOVED = {301, 302, 303, 307, 308}
_BUSY = {408, 425, 429}


@dataclass(frozen=True, slots=True)
class Body:
    """An answer with content: `chunks` is the file from byte `start` to its end at `total` (None: not told).

    `validator` names this version of the file (a strong ETag, else Last-Modified), None when the host gives neither.
    """

    url: str
    start: int
    total: int | None
    validator: str | None
    content_type: str
    chunks: Iterator[bytes]


class Fetcher:
    """Makes requests; close it, or use it as a context manager.

    `hosts` are those (with all below them) to which any host may redirect; else only to itself. A host of this
    machine needs no contact.
    """

    def __init__(self, contact: str | None, hosts: Collection[str] = ()) -> None:
        self._contact, self._hosts = contact, hosts
        headers = {"User-Agent": user_agent(contact), "Accept-Encoding": "identity"}  # a .gz is the file, no wrapping
        self._client = httpx2.Client(headers=headers, timeout=TIMEOUT, verify=certificates())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def locate(self, url: str, wanted: Callable[[str], bool]) -> str | None:
        """The first URL on the way of redirects from `url` that is wanted; it is not asked. None: none is."""
        with self._follow(url, {}, wanted) as found:
            return found if isinstance(found, str) else None

    @contextmanager
    def get(self, url: str, at: int = 0, to: int | None = None, validator: str | None = None) -> Iterator[Body]:
        """The body from byte `at` (through `to`) if the host can and the validator still holds, else from byte 0.

        Raises FetchFailed, with status 416 where there is no such byte, and Interrupted, also in the middle.
        """
        headers = {}
        if at or to is not None:
            headers["Range"] = f"bytes={at}-{'' if to is None else to}"
        if at and validator:
            headers["If-Range"] = validator
        with self._follow(url, headers, lambda url: False) as found:
            assert not isinstance(found, str)
            yield _read_body(found, at)

    def read(self, url: str, limit: int) -> bytes:
        """The whole body, which must not be longer than `limit`."""
        with self.get(url) as body:
            data = b""
            for chunk in body.chunks:
                data += chunk
                if len(data) > limit:
                    raise FetchFailed(f"{shown(url)} is longer than {limit:,} bytes")
            return data

    @contextmanager
    def _follow(
        self, url: str, headers: dict[str, str], wanted: Callable[[str], bool]
    ) -> Iterator[httpx2.Response | str]:
        """The answer that is no redirect, unread; or the first wanted URL."""
        place = _parse(url)
        for _ in range(MOST_REDIRECTS + 1):
            if wanted(str(place)):
                yield str(place)
                return
            check_contact(self._contact, place.host)
            with _spoken(place):
                response = self._client.send(self._client.build_request("GET", place, headers=headers), stream=True)
            try:
                target = response.headers.get("Location")
                if response.status_code not in _MOVED or not target:
                    _raise_for_status(response)
                    yield response
                    return
            finally:
                response.close()
            place = self._redirected(place, target)
        raise FetchFailed(f"{shown(url)} redirects more than {MOST_REDIRECTS} times")

    def _redirected(self, place: httpx2.URL, target: str) -> httpx2.URL:
        try:
            there = place.join(target)
        except httpx2.InvalidURL as error:
            raise FetchFailed(f"{shown(str(place))} redirects to what is no URL") from error
        if place.scheme == "https" and there.scheme == "http":
            there = there.copy_with(scheme="https")  # never from a safe place to one that anybody may forge
        expected = there.host == place.host or any(f".{there.host}".endswith(f".{host}") for host in self._hosts)
        if there.scheme not in ("http", "https") or not (
            expected or (is_loopback(place.host) and is_loopback(there.host))
        ):
            raise FetchFailed(f"{shown(str(place))} redirects to {shown(str(there))}, which is no host we expect")
        return there


def _parse(url: str) -> httpx2.URL:
    try:
        return httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise FetchFailed(f"{shown(url)} is no URL: {error}") from error


@contextmanager
def _spoken(place: httpx2.URL) -> Iterator[None]:
    """Nothing; what goes wrong on the wire in the block is raised as Interrupted."""
    try:
        yield
    except httpx2.TransportError as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise Interrupted(f"{place.host} does not answer as it should ({reason})") from error


def _raise_for_status(response: httpx2.Response) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    said = f"{shown(str(response.url))} answers {status} {response.reason_phrase}".rstrip()
    if status >= 500 or status in _BUSY:
        raise Interrupted(said, status, read_wish(response.headers.get("Retry-After")))
    raise FetchFailed(said, status)


def _read_body(response: httpx2.Response, asked: int) -> Body:
    start, total = 0, response.headers.get("Content-Length")
    if response.status_code == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if not found or int(found[1]) != asked:
            raise Interrupted(f"{shown(str(response.url))} sends another part than was asked for")
        start, total = asked, found[2]
    tag, modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
    strong = tag if tag and not tag.startswith("W/") else None
    return Body(
        url=str(response.url),
        start=start,
        total=int(total) if total and total.isdigit() else None,
        validator=strong or modified,
        content_type=response.headers.get("Content-Type", ""),
        chunks=_chunks(response),
    )


def _chunks(response: httpx2.Response) -> Iterator[bytes]:
    with _spoken(response.url):
        yield from response.iter_raw()
