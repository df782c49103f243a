"""Covers in a bucket: stored, served, compared, as in a folder."""

from collections.abc import Iterator

import pytest

from alexandria.covers.check import check
from alexandria.covers.keys import SIZES, object_key
from alexandria.covers.store import find_covers
from alexandria.db import Database
from tests.covers.conftest import FOX, Host, MakeCovers, work
from tests.covers.pictures import jpeg
from tests.s3 import new_bucket

pytestmark = pytest.mark.anyio


@pytest.fixture
def bucket() -> Iterator[str]:
    with new_bucket() as url:
        yield url


async def test_a_cover_in_a_bucket(database: Database, make: MakeCovers, host: Host, bucket: str) -> None:
    covers = make(COVERS_URL=bucket)
    host.put("/b/id/8739161-L.jpg", jpeg())
    [job] = await work(database, covers, FOX)
    assert job.state == "completed"
    digest = (await find_covers(database, [FOX]))[FOX].digest
    for size in SIZES:
        assert (await covers.shelf.read(digest, size) or b"")[8:12] == b"WEBP"
    assert (await covers.shelf.read(digest, "large", "jpg") or b"")[:3] == b"\xff\xd8\xff"
    found = await check(database, covers.objects)
    assert (found.pictures, found.objects, found.missing, found.orphans, found.strange) == (1, 4, [], [], [])
    await covers.objects.delete([object_key(digest, "small")])
    assert (await check(database, covers.objects)).missing == [digest.hex()]
