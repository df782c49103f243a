"""Wikipedia's client against a server of this machine."""

from dataclasses import replace

import pytest

from alexandria.config.providers import ProviderSettings
from alexandria.errors import BadInput, Malformed
from alexandria.net.client import Client
from alexandria.providers.provider import Found, NotFound
from alexandria.providers.wikipedia import PROFILE, Wikipedia
from tests.net.ledger import Ledger
from tests.net.server import Server, json_answer
from tests.providers.wikipedia.test_parse import ADAMS

pytestmark = pytest.mark.anyio


async def test_an_author(wikipedia: Wikipedia, server: Server, ledger: Ledger) -> None:
    server.script = [json_answer(ADAMS)]
    found = await wikipedia.author("Q42", "Douglas Adams", lane="interactive", patience=1)
    assert isinstance(found, Found)
    assert (found.record, found.revision) == ("dewiki:Douglas_Adams", "1234567890")
    assert found.answer.bio_url == "https://en.wikipedia.org/wiki/Douglas_Adams"
    assert server.asked[0].target == "/de/api/rest_v1/page/summary/Douglas_Adams"
    (call,) = ledger.calls
    assert (call.bucket, call.lane, call.kind, call.units) == ("wikimedia", "interactive", "summary", 1)
    assert PROFILE.licence == "attribution"


async def test_a_title_that_leads_to_another(wikipedia: Wikipedia, server: Server, ledger: Ledger) -> None:
    server.script = [json_answer({}, 302, Location="Douglas_Adams"), json_answer(ADAMS)]
    assert isinstance(await wikipedia.author("Q42", "Adams, Douglas"), Found)
    assert server.asked[1].target == "/de/api/rest_v1/page/summary/Douglas_Adams"
    assert len(ledger.calls) == PROFILE.prices["author_by_identifier"].request


async def test_no_such_page(wikipedia: Wikipedia, server: Server) -> None:
    server.script = [json_answer({"type": "https://mediawiki.org/wiki/HyperSwitch/errors/not_found"}, 404)]
    assert await wikipedia.author("Q42", "Nobody") == NotFound()


@pytest.mark.parametrize("changes", [{"wikibase_item": "Q5"}, {"type": "disambiguation"}])
async def test_a_page_about_something_else(wikipedia: Wikipedia, server: Server, changes: dict[str, str]) -> None:
    server.script = [json_answer({**ADAMS, **changes})]
    assert await wikipedia.author("Q42", "Douglas Adams") == NotFound()


async def test_another_host_is_not_followed(wikipedia: Wikipedia, server: Server) -> None:
    server.script = [json_answer({}, 302, Location="https://evil.example/api/rest_v1/page/summary/X")]
    with pytest.raises(Malformed, match="no host we expect"):
        await wikipedia.author("Q42", "X")


async def test_nothing_is_asked_for_what_is_no_item_or_title(wikipedia: Wikipedia, server: Server) -> None:
    for item, title in (("42", "X"), ("Q42", " ")):
        with pytest.raises(BadInput):
            await wikipedia.author(item, title)
    assert server.asked == []


async def test_an_address_without_a_place_for_the_language_is_used_as_it_is(client: Client, server: Server) -> None:
    settings = ProviderSettings(name="wikipedia", bucket="wikimedia", url=f"{server.url}/wiki")
    server.script = [json_answer(ADAMS)]
    assert isinstance(await Wikipedia(client, settings, "fr").author("Q42", "Douglas Adams"), Found)
    assert server.asked[0].target.startswith("/wiki/api/")
    with pytest.raises(BadInput, match="language"):
        Wikipedia(client, replace(settings, url="https://{language}.wikipedia.org"), "evil.example/x?")


async def test_the_wiki_as_wikidata_names_it(client: Client) -> None:
    settings = ProviderSettings(name="wikipedia", bucket="wikimedia", url="https://{language}.wikipedia.org")
    assert Wikipedia(client, settings, "zh-yue").wiki == "zh_yuewiki"
