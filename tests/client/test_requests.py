"""Everything else that Alexandria can be asked, told and waited for."""

from dataclasses import replace
from typing import Any

import pytest

from alexandria.client import (
    BadRequest,
    BadSetting,
    ClientClosed,
    InvalidIsbn,
    Malformed,
    NotAllowed,
    StillPending,
    Throttled,
    UnknownJob,
    Unreachable,
)
from tests.client.conftest import ISBN, KEY, Face, edition, knows_nothing, problem, written
from tests.net.server import Answer, Asked, Server, json_answer, refusing

WORK = {"key": "OL45804W", "title": "Fantastic Mr Fox", "authors": [{"key": "OL34184A", "name": "Roald Dahl"}]}
AUTHOR = {"key": "OL34184A", "name": "Roald Dahl", "birth_year": 1916, "identifiers": {"viaf": ["108159131"]}}
JOB = {"id": "6f0e", "status": "pending", "entity_type": "edition", "entity_key": ISBN, "priority": 5}


def test_a_work(make: Face, alexandria: Server) -> None:
    alexandria.script = [json_answer(WORK)]
    found = make().work("/works/OL45804W")
    assert [each.title for each in found.works] == ["Fantastic Mr Fox"]
    assert [each.name for each in found.authors] == ["Roald Dahl"]
    assert alexandria.asked[0].target == "/api/works/OL45804W"


def test_an_author(make: Face, alexandria: Server) -> None:
    alexandria.script = [json_answer(AUTHOR)]
    [author] = make().author("OL34184A").authors
    assert (author.birth_year, author.identifiers) == (1916, {"viaf": ("108159131",)})
    assert alexandria.asked[0].target == "/api/authors/OL34184A"


@pytest.mark.parametrize("status", [404, 410])
def test_records_that_are_not_there(make: Face, alexandria: Server, status: int) -> None:
    alexandria.script = [problem(status)]
    client = make()
    assert client.work("OL1W") is None
    assert client.author("OL1A") is None
    assert client.job_status("x") is None


@pytest.mark.parametrize("key", ["", " ", "..", "/works/.."])
def test_no_key_leads_elsewhere(make: Face, alexandria: Server, key: str) -> None:
    with pytest.raises(BadRequest):
        make().work(key)
    assert alexandria.asked == []


@pytest.mark.parametrize("key", ["a?b=c", "a b", "../a#b", "\u00e9\n", "a%2Fb"])
def test_any_other_key_is_one_segment(make: Face, alexandria: Server, key: str) -> None:
    make().work(key)
    assert alexandria.asked[0].target.startswith("/api/works/")
    assert alexandria.asked[0].path == f"/api/works/{key.rpartition('/')[2].strip()}"


def test_a_search_gives_works_editions_and_authors(make: Face, alexandria: Server) -> None:
    results = [
        {"work": WORK, "edition": edition(), "edition_count": 9, "new": 1},
        {"work": None, "edition": {"isbn13": ISBN, "key": "OL1M"}},
        {"work": {**WORK, "key": "OL2W"}, "edition": None},
    ]
    alexandria.script = [json_answer({"results": results, "next": "c2"})]
    found = make().search("fox", language="en", limit=4)
    assert [work.key for work in found.works] == ["OL45804W", "OL2W"]
    assert [each.isbn13 for each in found.editions] == [ISBN, ISBN]
    assert [author.name for author in found.authors].count("Roald Dahl") == 1
    assert found.next == "c2"
    [asked] = alexandria.asked
    assert (asked.path, asked.query) == ("/api/search/combined", {"q": "fox", "language": "en", "limit": "4"})


def test_a_search_by_title_and_author(make: Face, alexandria: Server) -> None:
    alexandria.script = [json_answer({"results": [], "next": None})]
    found = make().search(title="M\u00e4use & Menschen", author="Steinbeck", cursor="c2")
    assert found.works == found.editions == found.authors == ()
    [asked] = alexandria.asked
    assert asked.path == "/api/search"
    assert asked.query == {"title": "M\u00e4use & Menschen", "author": "Steinbeck", "cursor": "c2"}


@pytest.mark.parametrize("asked", [{}, {"q": "a", "title": "b"}, {"language": "en"}, {"q": ""}])
def test_a_search_for_one_thing_at_a_time(make: Face, alexandria: Server, asked: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        make().search(**asked)
    assert alexandria.asked == []


def test_writing_tells_what_became_of_it(make: Face, alexandria: Server) -> None:
    alexandria.script = [written()]
    said = make().enrich_edition(ISBN, title="Fantastic Mr. Fox", subtitle=None, lock=["title"])
    assert (said.created, said.fields_updated, said.quality) == (True, ("title",), 40)
    assert said.response.editions[0].isbn13 == ISBN
    [asked] = alexandria.asked
    assert asked.path == "/api/enrich/edition"
    assert asked.json == {"isbn": ISBN, "title": "Fantastic Mr. Fox", "lock": ["title"]}
    assert asked.headers["x-api-key"] == KEY


def test_writing_works_and_authors(make: Face, alexandria: Server) -> None:
    result = {"created": False, "fields_updated": [], "quality": 10, "completeness": 50}
    alexandria.script = [json_answer({**WORK, **result}), json_answer({**AUTHOR, **result})]
    client = make()
    assert client.enrich_work("OL45804W", "Fantastic Mr Fox").response.works[0].key == "OL45804W"
    assert client.enrich_author("OL34184A", "Roald Dahl", birth_year=1916).completeness == 50
    first, second = alexandria.asked
    assert (first.path, first.json) == ("/api/enrich/work", {"work_key": "OL45804W", "title": "Fantastic Mr Fox"})
    assert second.json == {"author_key": "OL34184A", "name": "Roald Dahl", "birth_year": 1916}


def test_a_refusal_names_the_fields(make: Face, alexandria: Server) -> None:
    alexandria.script = [problem(400, "page_count: too few", errors=[{"field": "page_count", "message": "too few"}])]
    with pytest.raises(BadRequest, match="page_count: too few") as refused:
        make().enrich_edition(ISBN, page_count=-1)
    assert refused.value.fields == {"page_count": "too few"}


def test_what_is_no_json_is_refused_at_once(make: Face, alexandria: Server) -> None:
    with pytest.raises(BadRequest, match="JSON"):
        make().enrich_edition(ISBN, metadata={"it": object()})
    assert alexandria.asked == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_accepted(make: Face, alexandria: Server, status: int) -> None:
    alexandria.script = [problem(status, "It needs the scope write.")]
    with pytest.raises(NotAllowed, match="scope write"):
        make().enrich_edition(ISBN, title="A")


def test_without_a_key_nothing_is_written(make: Face, alexandria: Server) -> None:
    client = make(api_key=None)
    with pytest.raises(NotAllowed, match="api_key"):
        client.enrich_edition(ISBN, title="A")
    with pytest.raises(NotAllowed, match="api_key"):
        client.enqueue("work", "OL1W")
    assert alexandria.asked == []


def test_a_write_is_repeated_and_an_order_is_not(make: Face, alexandria: Server) -> None:
    lost = replace(written(), fault="hang up")
    alexandria.script = [lost, written()]
    assert make().enrich_edition(ISBN, title="A").created
    alexandria.script = [lost, json_answer({"id": "6f0e", "status": "pending"})]
    with pytest.raises(Unreachable):
        make().enqueue("edition", ISBN)


def test_an_order_that_was_never_sent_is_repeated(make: Face) -> None:
    client = make(base_url=refusing())
    with pytest.raises(Unreachable):
        client.enqueue("edition", ISBN)
    assert client.health().alexandria.retries == 1


def test_an_order_is_followed_to_its_end(make: Face, alexandria: Server) -> None:
    states = [json_answer({**JOB, "status": status}) for status in ("pending", "processing", "completed")]

    def script(asked: Asked) -> Answer:
        if asked.method == "POST":
            return json_answer({"id": "6f0e", "status": "pending"}, 201)
        return states.pop(0)

    alexandria.script = script
    client = make()
    queued = client.enqueue("edition", ISBN, priority=9, providers_to_try=["isbndb"])
    assert client.wait_for(queued.id).status == "completed"
    first, *others = alexandria.asked
    assert first.json == {"entity_type": "edition", "entity_key": ISBN, "priority": 9, "providers_to_try": ["isbndb"]}
    assert [asked.path for asked in others] == ["/api/enrich/status/6f0e"] * 3


def test_waiting_outlives_an_outage(make: Face, alexandria: Server) -> None:
    answers = [problem(500), replace(json_answer(JOB), fault="reset"), json_answer({**JOB, "status": "failed"})]
    alexandria.script = answers
    assert make().wait_for("6f0e").status == "failed"


def test_waiting_ends(make: Face, alexandria: Server) -> None:
    alexandria.script = [json_answer(JOB)]
    with pytest.raises(StillPending, match="it is pending"):
        make().wait_for("6f0e", timeout=0.3)


def test_waiting_for_no_job(make: Face, alexandria: Server) -> None:
    alexandria.script = [problem(404)]
    with pytest.raises(UnknownJob):
        make().wait_for("6f0e")


def test_a_limit_is_told_with_its_time(make: Face, alexandria: Server) -> None:
    alexandria.script = [replace(problem(429, "Too many."), headers={"Retry-After": "3"})]
    with pytest.raises(Throttled, match="Too many") as refused:
        make().work("OL1W")
    assert refused.value.retry_in == 3


def test_a_search_that_is_none(make: Face, alexandria: Server) -> None:
    alexandria.script = [json_answer({"results": [{"key": "OL1W", "title": 5}]})]
    with pytest.raises(Malformed):
        make().search("a")


def test_a_cover_has_an_address(make: Face, alexandria: Server) -> None:
    client = make()
    assert client.cover_url("0-14-032872-6", "small") == f"{alexandria.url}/covers/{ISBN}/small"
    with pytest.raises(InvalidIsbn):
        client.cover_url("../..")
    with pytest.raises(BadRequest):
        client.cover_url(ISBN, "huge")
    assert alexandria.asked == []


def test_a_closed_client_says_so(make: Face) -> None:
    client = make()
    client.close()
    with pytest.raises(ClientClosed):
        client.lookup_isbn(ISBN)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("base_url", ""),
        ("base_url", "127.0.0.1:8000"),
        ("base_url", "ftp://127.0.0.1"),
        ("base_url", "http://"),
        ("base_url", "http://user:secret@127.0.0.1"),
        ("base_url", "http://127.0.0.1/?key=secret"),
        ("base_url", "http://127.0.0.1:99999"),
        ("base_url", "http://a b"),
        ("base_url", "http://127.0.0.1/\r\nX: secret"),
        ("google_books_url", "secret"),
        ("api_key", "secret\r\nX-Other: 1"),
        ("google_books_key", "secr\u00e9t"),
        ("timeout", 0),
        ("waiting", 0),
    ],
)
def test_settings_that_cannot_work_are_refused(make: Face, setting: str, value: Any) -> None:
    with pytest.raises(BadSetting, match=setting) as refused:
        make(**{setting: value})
    assert "secr" not in str(refused.value)


def test_an_address_may_have_a_path_and_a_slash(make: Face, alexandria: Server) -> None:
    alexandria.script = knows_nothing
    make(base_url=f"{alexandria.url}/books/").work("OL1W")
    assert alexandria.asked[0].target == "/books/api/works/OL1W"


def test_no_key_is_shown(make: Face) -> None:
    client = make()
    assert KEY not in repr(client)
    assert KEY not in str(client.health())
