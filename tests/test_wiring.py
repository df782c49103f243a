"""Everything is put together: what runs by schedule has a handler."""

from pathlib import Path

from alexandria.config import read_settings
from alexandria.db import Database
from alexandria.ops.schedule import TABLE
from alexandria.wiring import make_services


def test_every_scheduled_kind_has_a_handler() -> None:
    services = make_services(read_settings({}, Path("/nonexistent")), Database("postgresql://nobody@127.0.0.1:1/x"))
    kinds = [work.kind for work in services.works()]
    assert len(kinds) == len(set(kinds))
    assert {each.kind for each in TABLE} <= set(kinds)
