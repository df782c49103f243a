"""Open Library's client, asking a server of this machine."""

import pytest

from alexandria.config.providers import ProviderSettings
from alexandria.net.client import Client
from alexandria.providers.open_library import OpenLibrary
from tests.net.server import Server


@pytest.fixture
def open_library(client: Client, server: Server) -> OpenLibrary:
    settings = ProviderSettings(name="open-library", bucket="open-library", url=server.url, timeout=5.0, batch=100)
    return OpenLibrary(client, settings, "https://covers.example.org")
