"""Services that run."""

from tests.cli.conftest import api_alone, on_database

__all__ = ["api_alone", "on_database"]
