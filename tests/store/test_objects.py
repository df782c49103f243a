"""Objects in a folder and in a bucket: the same tests for both, the bucket on a real S3-compatible server."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from alexandria.errors import SettingsInvalid
from alexandria.store.objects import Objects, StoreFailed
from tests.s3 import SECRET, new_bucket

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with new_bucket() as url:
        yield url


@pytest.fixture(params=["folder", "bucket"])
async def objects(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Objects]:
    url = request.getfixturevalue("bucket") if request.param == "bucket" else (tmp_path / "a b" / "new").as_uri()
    made = Objects(url)
    yield made
    await made.delete([each.key async for page in made.list() for each in page])
    made.close()


async def test_what_is_put_is_there(objects: Objects) -> None:
    assert await objects.get("aa/bb/x.webp") is None
    assert not await objects.exists("aa/bb/x.webp")
    await objects.put("aa/bb/x.webp", b"one")
    assert await objects.get("aa/bb/x.webp") == b"one"
    assert await objects.exists("aa/bb/x.webp")
    await objects.put("aa/bb/x.webp", b"another")
    assert await objects.get("aa/bb/x.webp") == b"another"
    await objects.put_all({"aa/1": b"1", "bb/2": b"2"})
    assert [await objects.get(key) for key in ("aa/1", "bb/2")] == [b"1", b"2"]
    await objects.put("aa/empty", b"")
    assert await objects.get("aa/empty") == b""


async def test_listing_gives_every_object_once(objects: Objects) -> None:
    keys = {f"{number % 3:02}/{number}" for number in range(20)}
    for key in keys:
        await objects.put(key, key.encode())
    found = [each async for page in objects.list() for each in page]
    assert {each.key for each in found} == keys
    assert len(found) == len(keys)
    assert all(each.size == len(each.key) for each in found)
    assert all(each.modified.tzinfo for each in found)
    assert {each.key async for page in objects.list("01") for each in page} == {key for key in keys if key[:2] == "01"}


async def test_deleting_does_not_mind_what_is_missing(objects: Objects) -> None:
    for key in ("a/1", "a/2", "a/3"):
        await objects.put(key, b"x")
    await objects.delete(["a/1", "nothing", "a/3"])
    await objects.delete([])
    assert [each.key async for page in objects.list() for each in page] == ["a/2"]


async def test_a_bucket_that_is_not_there_is_no_empty_one(bucket: str) -> None:
    objects = Objects("s3://nobodys/folder")
    with pytest.raises(StoreFailed) as caught:
        await objects.put("a/b", b"x")
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(StoreFailed):
        [page async for page in objects.list()]
    objects.close()


async def test_a_bucket_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("ENDPOINT_URL", "http://127.0.0.1:9"), ("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", SECRET), ("REGION", "x"),
    ):  # fmt: skip
        monkeypatch.setenv(f"AWS_{name}", value)
    objects = Objects("s3://pictures")
    with pytest.raises(StoreFailed) as caught:
        await objects.get("a/b")
    assert SECRET not in str(caught.value) + repr(objects)
    objects.close()


async def test_a_full_or_closed_folder_is_told(tmp_path: Path) -> None:
    objects = Objects(tmp_path.as_uri())
    (tmp_path / "aa").write_bytes(b"a file where a folder should be")
    with pytest.raises(StoreFailed, match="aa/bb"):
        await objects.put("aa/bb", b"x")
    objects.close()


@pytest.mark.parametrize("url", ["file:///proc/nowhere", "nonsense://x", "s3://", "file:///dev/null/x"])
def test_a_url_that_cannot_be_used_names_the_setting(url: str) -> None:
    objects = Objects(url)
    with pytest.raises(SettingsInvalid, match="ALEXANDRIA_COVERS_URL"):
        objects.check()
    objects.close()


async def test_a_folder_is_made_at_the_first_use(tmp_path: Path) -> None:
    objects = Objects((tmp_path / "new").as_uri())
    assert not (tmp_path / "new").exists()
    await objects.put("a/b", b"x")
    assert (tmp_path / "new" / "a" / "b").read_bytes() == b"x"
    objects.close()


async def test_a_folder_that_cannot_be_made_is_told_by_its_first_use() -> None:
    objects = Objects("file:///dev/null/x")
    with pytest.raises(StoreFailed, match="a/b"):
        await objects.get("a/b")
    objects.close()


def test_a_process_that_used_it_ends_well(tmp_path: Path) -> None:
    """obstore's asynchronous methods abort the interpreter at its end, one time in three."""
    code = (
        "import asyncio, sys\nfrom alexandria.store.objects import Objects\n"
        "async def main():\n    objects = Objects(sys.argv[1])\n"
        "    await objects.put('a/b', b'x')\n    await objects.get('a/b')\n    await objects.delete(['a/b'])\n"
        "asyncio.run(main())"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, tmp_path.as_uri()], env=os.environ) for _ in range(6)]
    assert [process.wait(240) for process in processes] == [0] * 6
