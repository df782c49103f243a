"""The clients of ISBNdb and Google Books, asking a server of this machine."""

import pytest

from alexandria.config import ProviderSettings
from alexandria.net.client import Client
from alexandria.providers.google_books import GoogleBooks
from alexandria.providers.isbndb import Isbndb
from tests.net.conftest import client, ledger, server
from tests.net.server import Server

__all__ = ["client", "ledger", "server"]
SHORT = 0.3  # seconds, for what is about time
TIMEOUT = 20.0  # for everything else: a busy machine is no failure
KEY = "hunter2secret"


@pytest.fixture
def isbndb_settings(server: Server) -> ProviderSettings:
    return ProviderSettings(
        name="isbndb", bucket="isbndb", url=server.url, api_key=KEY, batch=250, timeout=TIMEOUT, daily_limit=1000
    )


@pytest.fixture
def isbndb(client: Client, isbndb_settings: ProviderSettings) -> Isbndb:
    return Isbndb(client, isbndb_settings)


@pytest.fixture
def google_books_settings(server: Server) -> ProviderSettings:
    return ProviderSettings(
        name="google-books", bucket="google-books", url=f"{server.url}/books/v1", api_key=KEY, timeout=TIMEOUT
    )


@pytest.fixture
def google_books(client: Client, google_books_settings: ProviderSettings) -> GoogleBooks:
    return GoogleBooks(client, google_books_settings)
