"""The service as the tests of the API start it."""

from tests.api.conftest import start_service as start_service  # a fixture
