"""compose.yaml: its settings, commands, ports and folders are the program's, and no secret stands in it."""

import re
from typing import Any

import msgspec
import pytest

from alexandria.config import read_settings, variable, variables
from tests.deploy.dockerfile import ROOT, read_dockerfile
from tests.test_docs import commands

PASSWORD = "letters-and-digits-1"
FINAL = read_dockerfile()[-1]


def compose() -> dict[str, Any]:
    """The file as compose understands it, with POSTGRES_PASSWORD given."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    text = re.sub(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}", PASSWORD, text)
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
    assert "${" not in text
    found: dict[str, Any] = msgspec.yaml.decode(text)
    return found


SERVICES: dict[str, dict[str, Any]] = compose()["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "alexandria"}


def test_the_parts() -> None:
    asked = {name: " ".join(service["command"]) for name, service in OURS.items()}
    expected = {"migrate": "db migrate", "api1": "api", "api2": "api", "worker": "worker", "scheduler": "scheduler"}
    assert asked == expected
    assert SERVICES.keys() - OURS.keys() == {"postgres", "proxy"}


@pytest.mark.parametrize("name", OURS)
def test_commands_and_settings_exist(name: str) -> None:
    service = OURS[name]
    assert f"alexandria {' '.join(service['command'])}" in commands()
    known = {variable(each.name) for each in variables()}
    assert service["environment"].keys() <= known
    settings = read_settings(service["environment"], ROOT / "nothing")
    assert settings.database_url == f"postgresql://alexandria:{PASSWORD}@postgres:5432/alexandria"
    assert str(settings.port) == FINAL.last("EXPOSE").rest


@pytest.mark.parametrize("name", OURS)
def test_each_may_do_little(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"] == ["/tmp"]
    assert service["volumes"] == [f"data:{FINAL.last('VOLUME').rest}"]
    assert "ports" not in service


def test_who_waits_for_whom() -> None:
    assert OURS["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in OURS.keys() - {"migrate"}:
        assert OURS[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert SERVICES["proxy"]["depends_on"] == {each: {"condition": "service_healthy"} for each in ("api1", "api2")}
    assert "pg_isready" in SERVICES["postgres"]["healthcheck"]["test"]


def test_only_apis_have_the_health_check_of_the_image() -> None:
    without = {name for name, service in OURS.items() if service.get("healthcheck") == {"disable": True}}
    assert without == OURS.keys() - {"api1", "api2"}


def test_the_database_is_the_one_that_is_made() -> None:
    made = SERVICES["postgres"]["environment"]
    assert made == {"POSTGRES_USER": "alexandria", "POSTGRES_DB": "alexandria", "POSTGRES_PASSWORD": PASSWORD}


def test_the_proxy_is_believed_and_alone_reachable() -> None:
    found = compose()
    [subnet] = [each["subnet"] for each in found["networks"]["default"]["ipam"]["config"]]
    assert all(service["environment"]["ALEXANDRIA_TRUSTED_PROXIES"] == subnet for service in OURS.values())
    assert [port for service in SERVICES.values() for port in service.get("ports", ())] == ["127.0.0.1:8000:8000"]
    caddy = (ROOT / "deploy" / "Caddyfile").read_text()
    upstreams = re.findall(r"\b(api\d):(\d+)", caddy)
    assert upstreams == [(name, FINAL.last("EXPOSE").rest) for name in OURS if name.startswith("api")]
    assert "health_uri /health" in caddy


def test_volumes_are_declared() -> None:
    used = {str(each).partition(":")[0] for service in SERVICES.values() for each in service["volumes"]}
    assert {name for name in used if not name.startswith("./")} == compose()["volumes"].keys()
    assert all((ROOT / name).is_file() for name in used if name.startswith("./"))


def test_the_password_comes_from_outside() -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert re.findall(r"PASSWORD: (?!\$\{POSTGRES_PASSWORD:\?)", text) == []
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
