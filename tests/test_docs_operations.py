"""What operators are given agrees with the program: metrics, alerts, runbooks, rules for Prometheus, the dashboard."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from alexandria.ops.gauges import OF_ALL, OF_EACH
from alexandria.ops.rules import RULES
from alexandria.telemetry.metrics import Family

ROOT = Path(__file__).parents[1]
REFERENCE, RUNBOOKS = ROOT / "docs" / "reference", ROOT / "docs" / "runbooks"
PROMETHEUS = ROOT / "deploy" / "prometheus" / "alerts.yml"
GRAFANA = ROOT / "deploy" / "grafana" / "alexandria.json"
NAME = re.compile(r"\balexandria_[a-z_]+\b")


def metrics_table(families: Iterable[Family]) -> str:
    """A table of docs/reference/metrics.md, from the program."""
    rows = [f"| `{each.name}` | {each.kind} | {_labels(each)} | {each.about} |" for each in families]
    return "\n".join(["| Metric | Type | Labels | What |", "| --- | --- | --- | --- |", *rows])


def _labels(family: Family) -> str:
    return ", ".join(f"`{label}`" for label in family.labels if label not in ("service", "process")) or "none"


def alerts_table() -> str:
    """The table of docs/reference/alerts.md, from the program."""
    rows = [
        f"| `{rule.name}` | {rule.severity} | {rule.about} | [{rule.runbook}](../runbooks/{rule.runbook}.md) |"
        for rule in RULES
    ]
    return "\n".join(["| Rule | Severity | When | Runbook |", "| --- | --- | --- | --- |", *rows])


@pytest.mark.parametrize("families", [OF_ALL, OF_EACH], ids=["of all", "of each"])
def test_every_metric_is_described(families: tuple[Family, ...]) -> None:
    table = metrics_table(families)
    assert table in (REFERENCE / "metrics.md").read_text(), f"put this into docs/reference/metrics.md:\n{table}"


def test_every_alert_is_described() -> None:
    table = alerts_table()
    assert table in (REFERENCE / "alerts.md").read_text(), f"put this into docs/reference/alerts.md:\n{table}"


def exported(families: Iterable[Family]) -> Iterator[str]:
    """The names under which Prometheus keeps these metrics."""
    for each in families:
        ends = ("_bucket", "_sum", "_count") if each.kind == "histogram" else ("",)
        yield from (each.name + end for end in ends)


@pytest.mark.parametrize("path", [PROMETHEUS, GRAFANA], ids=lambda path: path.name)
def test_shipped_files_name_only_metrics_that_there_are(path: Path) -> None:
    text = "\n".join(expressions(path))
    named = set(NAME.findall(text))
    assert named
    assert named <= set(exported((*OF_ALL, *OF_EACH)))


def expressions(path: Path) -> Iterator[str]:
    """Every expression that a file asks Prometheus for."""
    if path == PROMETHEUS:
        yield from (rule["expr"] for rule in prometheus_rules())
        return
    for panel in json.loads(path.read_text())["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


def prometheus_rules() -> list[dict[str, Any]]:
    [group] = yaml.safe_load(PROMETHEUS.read_text())["groups"]
    return list(group["rules"])


def test_every_rule_for_prometheus_has_its_runbook() -> None:
    for rule in prometheus_rules():
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
        assert rule["annotations"]["summary"]
        assert (ROOT / rule["annotations"]["runbook"]).is_file(), rule["alert"]


def test_every_runbook_belongs_to_a_rule_and_has_three_parts() -> None:
    ours = {rule.runbook for rule in RULES}
    theirs = {Path(rule["annotations"]["runbook"]).stem for rule in prometheus_rules()}
    assert {path.stem for path in RUNBOOKS.iterdir()} == ours | theirs
    for path in RUNBOOKS.iterdir():
        heads = [line for line in path.read_text().splitlines() if line.startswith("## ")]
        assert heads == ["## What it means", "## How to look", "## What to do"], path.name


def test_panels_have_titles_units_and_places() -> None:
    dashboard = json.loads(GRAFANA.read_text())
    assert dashboard["uid"]
    places = set()
    for panel in dashboard["panels"]:
        assert panel["title"]
        assert panel["type"] == "row" or panel["targets"], panel["title"]
        place = panel["gridPos"]
        places.add((place["x"], place["y"]))
        assert place["x"] + place["w"] <= 24
    assert len(places) == len(dashboard["panels"])


def test_promtool_accepts_the_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    done = subprocess.run([promtool, "check", "rules", PROMETHEUS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(prometheus_rules())} rules found" in done.stdout


def test_promtool_accepts_the_dashboards_expressions(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    asked = [each.replace("$__rate_interval", "5m") for each in expressions(GRAFANA)]
    rules = [{"record": f"panel:{number}", "expr": each} for number, each in enumerate(asked)]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = subprocess.run([promtool, "check", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
