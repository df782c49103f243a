"""Hosts of pictures as providers.md 1, 2, 6, 7 and 10 document them."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from alexandria.covers.result import Refused
from alexandria.covers.sniff import sniff
from alexandria.simulator import Simulator
from alexandria.simulator.covers.hosts import LIFE, has_cover, original_address
from alexandria.simulator.covers.strange import STRANGE
from alexandria.simulator.google_books.volume import has_picture, volume_id
from tests.simulator.conftest import Find

Get = Callable[..., httpx2.Response]
COVERED = next(number for number in range(10_000_000, 10_000_100) if has_cover(number))
GONE = next(number for number in range(10_000_000, 10_000_100) if not has_cover(number))
KEY = {"Authorization": "simulated-key"}


@pytest.fixture
def get(simulator: Simulator, http: httpx2.Client) -> Get:
    """A function of a host, a path and more that gives the answer; a path may be a whole address."""

    def ask(host: str, path: str, **more: Any) -> httpx2.Response:
        url = path if path.startswith("http") else simulator.urls[host] + path
        return http.get(url, **more)

    return ask


def size_of(answer: httpx2.Response) -> tuple[int, int]:
    """Width and height of a PNG, whatever it is called."""
    assert answer.status_code == 200
    assert answer.content.startswith(b"\x89PNG")
    return int.from_bytes(answer.content[16:20], "big"), int.from_bytes(answer.content[20:24], "big")


def test_open_library_has_large_pictures_elsewhere(get: Get, simulator: Simulator) -> None:
    assert size_of(get("open_library_covers", f"/b/id/{COVERED}-S.jpg")) == (39, 58)
    answer = get("open_library_covers", f"/b/id/{COVERED}-L.jpg?default=false")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(simulator.urls["internet_archive"] + "/download/l_covers_0010/")
    found = get("", answer.headers["location"])
    assert size_of(found) == (333, 500)
    assert found.headers["content-type"] == "image/jpeg", "whatever it is"
    assert size_of(get("", get("open_library_covers", f"/b/id/{COVERED}.jpg").headers["location"])) == (800, 1200)


@pytest.mark.parametrize("path", [f"/b/id/{GONE}-L.jpg", "/b/id/-1-L.jpg", "/b/isbn/ISBN-M.jpg"])
def test_what_open_library_has_not_is_a_blank_picture(get: Get, path: str) -> None:
    blank = get("open_library_covers", path)
    assert (blank.status_code, blank.headers["content-type"]) == (200, "image/gif")
    assert blank.content.startswith(b"GIF89a\x01\0\x01\0")
    assert get("open_library_covers", path, params={"default": "false"}).status_code == 404
    led = get("open_library_covers", path, params={"default": "https://example.org/none.png"})
    assert (led.status_code, led.headers["location"]) == (303, "https://example.org/none.png")


def test_the_archive_has_scans_and_always_a_thumbnail(get: Get) -> None:
    assert size_of(get("internet_archive", "/download/invented0001synt/page/cover_w500_h500.jpg")) == (333, 500)
    assert get("internet_archive", "/download/nosuchitem/page/cover_w500_h500.jpg").status_code == 404
    assert get("internet_archive", "/services/img/nosuchitem").status_code == 200
    assert get("internet_archive", "/metadata/nosuchitem").json() == {}


def test_google_fits_pictures_into_boxes(get: Get, find: Find, simulator: Simulator) -> None:
    edition = find("google_books", has_picture)
    [item] = get("google_books", f"/volumes?q=isbn:{edition.isbn}&key=k").json()["items"]
    link = item["volumeInfo"]["imageLinks"]["thumbnail"]
    assert link.startswith(simulator.urls["google_books_pictures"])
    assert size_of(get("", link)) == (128, 192)
    assert size_of(get("", f"{link}&fife=w512-h768")) == (512, 768)
    without = find("google_books", lambda each: not has_picture(each))
    nothing = [
        get("google_books_pictures", f"/books/content?id={name}") for name in (volume_id(without.number, 1), "x")
    ]
    assert {answer.status_code for answer in nothing} == {200}, "a success that shows that there is nothing"
    assert nothing[0].content == nothing[1].content


def test_isbndb_signs_originals_for_two_hours(get: Get, find: Find, http: httpx2.Client) -> None:
    edition = find("isbndb", lambda each: each.bits & 3)
    book = get("isbndb", f"/book/{edition.isbn}", headers=KEY).json()["book"]
    assert size_of(get("", book["image_original"])) == (800, 1200)
    assert size_of(get("", book["image"].lower())) == (333, 500)
    assert get("", book["image_original"][:-1] + "x").status_code == 403
    with Simulator(speed=36_000, limited=False) as quick:
        old = original_address(quick.urls["isbndb_pictures"], str(edition.isbn), 0)
        assert http.get(old).status_code == 403
    assert LIFE == 7_200


def test_commons_has_standard_widths_only(get: Get) -> None:
    info = get(
        "commons", "/w/api.php", params={"action": "query", "prop": "imageinfo", "titles": "File:A cover 7.jpg|File:x",
                                         "format": "json", "formatversion": "2"},
    ).json()["query"]["pages"]  # fmt: skip
    assert info[1]["missing"] is True
    assert {"url", "width", "descriptionurl", "extmetadata"} <= info[0]["imageinfo"][0].keys()

    def through(path: str) -> httpx2.Response:
        return get("commons", path, follow_redirects=True)

    large = next(
        n for n in range(100) if through(f"/wiki/Special:FilePath/A_cover_{n}.jpg?width=500").status_code == 200
    )
    answer = through(f"/wiki/Special:FilePath/A%20cover%20{large}.jpg?width=500")
    assert len(answer.history) == 2
    assert size_of(answer) == (500, 750)
    assert through(f"/wiki/Special:FilePath/A_cover_{large}.jpg?width=512").status_code == 429
    assert through(f"/wiki/Special:FilePath/A_cover_{large}.jpg?width=3840").status_code == 400
    assert through(f"/wiki/Special:FilePath/A_cover_{large}.jpg").status_code == 200
    assert through("/wiki/Special:FilePath/nothing.jpg?width=500").status_code == 404


def test_a_cover_is_the_same_every_time_and_each_another(get: Get) -> None:
    paths = [f"/b/id/{number}-M.jpg" for number in range(10_000_000, 10_000_060) if has_cover(number)]
    pictures = [get("open_library_covers", path).content for path in paths]
    assert len(set(pictures)) == len(pictures)
    assert get("open_library_covers", paths[0]).content == pictures[0]


@pytest.mark.parametrize("picture", STRANGE)
def test_by_script_there_is_something_else(simulator: Simulator, get: Get, picture: str) -> None:
    simulator.faults(open_library_covers=[{"fault": "picture", "picture": picture, "match": f"/b/id/{COVERED}-"}])
    answer = get("open_library_covers", f"/b/id/{COVERED}-L.jpg?default=false")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.content == STRANGE[picture]()
    assert get("open_library_covers", f"/b/id/{COVERED + 16}-S.jpg").status_code == 200
    kind = sniff(answer.content)
    assert isinstance(kind, Refused) == (picture in ("svg", "pdf", "page", "nothing"))


def test_another_book(simulator: Simulator, get: Get) -> None:
    right = get("open_library_covers", f"/b/id/{COVERED}-M.jpg").content
    simulator.faults(open_library_covers=[{"fault": "wrong_book"}])
    assert get("open_library_covers", f"/b/id/{COVERED}-M.jpg").content != right
