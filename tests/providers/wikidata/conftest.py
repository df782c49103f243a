"""Wikidata's client, asking a server of this machine."""

import pytest

from alexandria.config.providers import ProviderSettings
from alexandria.net.client import Client
from alexandria.providers.wikidata import Wikidata
from tests.net.server import Server


@pytest.fixture
def wikidata(client: Client, server: Server) -> Wikidata:
    items = ProviderSettings(name="wikidata", bucket="wikimedia", url=server.url, timeout=5.0, batch=50)
    queries = ProviderSettings(name="wikidata-sparql", bucket="wikimedia", url=server.url, timeout=5.0, batch=2)
    return Wikidata(client, items, queries)
