"""The arithmetic of docs/scale.md: the page is what the script says, and the script is not absurd."""

from pathlib import Path

import pytest

from bench.billion import Assumed, Measured, balance_table, need, simulate, table

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"


def test_the_page_is_what_the_script_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert table() in text, f"put this into docs/scale.md:\n{table()}"
    assert balance_table() in text, f"put this into docs/scale.md:\n{balance_table()}"


def test_a_billion_in_round_figures() -> None:
    found = need(1e9, 10_000)
    assert found.mirror == pytest.approx(1.06e12)
    assert found.processors_of_one == pytest.approx(10_000 / 2_353 / 0.5)
    assert (found.shards, found.servers) == (53, 1)
    assert found.load_hours == pytest.approx(2e9 / 17_792 / 3_600)
    assert found.euros == 500


def test_what_grows_with_what() -> None:
    one, more, busier = need(1e9, 10_000), need(2e9, 10_000), need(1e9, 20_000)
    assert more.mirror == 2 * one.mirror
    assert more.processors_of_one == one.processors_of_one
    assert busier.reads_cold == 2 * one.reads_cold
    assert busier.mirror == one.mirror
    assert need(1e9, 10_000, Measured(bytes_of_edition=4_000)).servers > one.servers
    assert need(1e9, 10_000, assumed=Assumed(month=100)).euros < one.euros


def test_one_shard_is_even_and_more_are_less() -> None:
    one, many = simulate(1, works=5_000, lookups=5_000), simulate(64, works=5_000, lookups=5_000)
    assert (one.fullest, one.most_asked, one.touched_by_batch) == (1, 1, 1)
    assert many.fullest > 1
    assert many.most_asked > 1
    assert many.touched_by_batch > 0.9
