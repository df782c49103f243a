"""Wikipedia's client, asking a server of this machine."""

import pytest

from alexandria.config.providers import ProviderSettings
from alexandria.net.client import Client
from alexandria.providers.wikipedia import Wikipedia
from tests.net.server import Server


@pytest.fixture
def wikipedia(client: Client, server: Server) -> Wikipedia:
    settings = ProviderSettings(name="wikipedia", bucket="wikimedia", url=f"{server.url}/{{language}}", timeout=5.0)
    return Wikipedia(client, settings, "de")
