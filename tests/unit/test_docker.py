"""What docker/ holds fits the gateway: no engine runs here, so its files are read and compared."""

import asyncio
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters import metric_names
from adapters.health import health_routes
from gateway.config import keys, load_config
from gateway.config.load import FILE_VARIABLE, SECRETS_VARIABLE

REPOSITORY = Path(__file__).parents[2]
DOCKER = REPOSITORY / "docker"

# What prometheus_client and Prometheus add by themselves.
BUILT_IN = {"up", "process_cpu_seconds_total", "process_resident_memory_bytes"}
LABELS_BY_SERIES = {
    f"{metric.name}{suffix}": {*metric.labels, "job", "le"}
    for metric in metric_names.METRICS
    for suffix in (("_bucket", "_sum", "_count") if metric.buckets else ("",))
} | {name: {"job"} for name in BUILT_IN}


def instructions() -> list[tuple[str, str]]:
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines if line]


def the(instruction: str) -> str:
    (argument,) = [argument for name, argument in instructions() if name == instruction]
    return argument


# ---- the image ---------------------------------------------------------------------------------------------


def test_everything_that_is_copied_exists_and_reaches_the_builder() -> None:
    allowed = [
        line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"
    ]
    copied = [word for name, words in instructions() if name == "COPY" for word in words.split()[:-1]]
    assert copied
    for source in copied:
        assert (REPOSITORY / source).exists(), source
        assert source in allowed


def test_the_build_needs_nothing_that_is_not_copied() -> None:
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    copied = {word for name, words in instructions() if name == "COPY" for word in words.split()[:-1]}
    assert copied >= {"pyproject.toml", "README.md", "LICENSE", "gateway", "adapters"}
    assert 'packages = ["gateway", "adapters"]' in project


def test_the_process_is_not_root_and_needs_no_shell() -> None:
    assert int(the("USER")) > 0
    assert json.loads(the("ENTRYPOINT")) == ["smsgw"]
    assert json.loads(the("CMD")) == ["serve"]


def test_the_data_directory_is_a_volume_of_the_user() -> None:
    assert load_config(None, _environment()).data_dir == Path(the("VOLUME"))
    made = " ".join(words for name, words in instructions() if name == "RUN")
    assert f"useradd --system --uid {the('USER')} --no-create-home smsgw" in made
    assert f"install --directory --owner=smsgw --mode=0700 {the('VOLUME')}" in made


def test_the_image_sets_keys_that_exist() -> None:
    config = load_config(None, _environment())
    ports = {str(config.listen.port), str(config.admin_address.port) if config.admin_address else ""}
    assert ports == set(the("EXPOSE").split())


def _environment() -> dict[str, str]:
    pairs = (pair.partition("=") for name, words in instructions() if name == "ENV" for pair in shlex.split(words))
    return {name: value for name, _, value in pairs}


async def test_the_health_check_fails_where_the_gateway_does_not_answer() -> None:
    _, _, command = the("HEALTHCHECK").partition(" CMD ")
    program, *arguments = json.loads(command)
    assert program == "python"
    admin = load_config(None, _environment()).admin_address
    assert admin is not None
    assert f":{admin.port}/healthz" in arguments[1]
    app = web.Application()
    app.add_routes(health_routes({}))
    async with TestServer(app) as server:
        here = [argument.replace(f":{admin.port}/", f":{server.port}/") for argument in arguments]
        assert await _run(here) == 0
    assert await _run(here) != 0


async def _run(arguments: list[str]) -> int:
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stderr=subprocess.DEVNULL)
    return await process.wait()


# ---- compose -----------------------------------------------------------------------------------------------


@pytest.fixture
def compose() -> Any:
    return yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))


def test_compose_mounts_files_that_exist_and_volumes_that_are_declared(compose: Any) -> None:
    sources = [
        mount.split(":")[0] for service in compose["services"].values() for mount in service.get("volumes", [])
    ]
    assert sources
    for source in sources:
        assert (DOCKER / source).is_dir() if source.startswith(".") else source in compose["volumes"], source


def test_compose_sets_variables_that_exist(compose: Any) -> None:
    known = {key.variable for key in keys.all_keys()} | {FILE_VARIABLE, SECRETS_VARIABLE}
    assert set(compose["services"]["gateway"]["environment"]) <= known


def test_compose_stops_later_than_the_gateway_does(compose: Any) -> None:
    grace = compose["services"]["gateway"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > load_config(None, {}).listen.shutdown_grace_seconds


def test_the_sandboxs_settings_can_be_used(compose: Any) -> None:
    lines = (DOCKER / "sandbox.env").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    assert set(settings) <= set(compose["services"]["gateway"]["environment"])
    config = load_config(None, settings)
    assert config.upstream.base_url == "http://sandbox:8081"
    assert "sandbox" in compose["services"]


def test_prometheus_scrapes_the_admin_port(compose: Any) -> None:
    scraped = yaml.safe_load((DOCKER / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    ((target,),) = [static["targets"] for job in scraped["scrape_configs"] for static in job["static_configs"]]
    admin = load_config(None, _environment()).admin_address
    assert admin is not None
    assert target == f"gateway:{admin.port}"
    assert all((DOCKER / "prometheus" / name).is_file() for name in scraped["rule_files"])
    grafana = yaml.safe_load(
        (DOCKER / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8")
    )
    assert grafana["datasources"][0]["url"] == "http://prometheus:9090"
    assert "prometheus" in compose["services"]


# ---- dashboard and alerts ----------------------------------------------------------------------------------


def dashboard() -> Any:
    return json.loads((DOCKER / "grafana/dashboards/smsgw.json").read_text(encoding="utf-8"))


def expressions() -> Iterator[tuple[str, str]]:
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    alerts = yaml.safe_load((DOCKER / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    for rule in alerts["groups"][0]["rules"]:
        yield rule["alert"], rule["expr"]


SERIES = re.compile(r"\b(up|smsgw_\w+|process_\w+)\b(?:\{([^}]*)\})?")


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_every_series_that_is_looked_at_exists(where: str, expression: str) -> None:
    found = SERIES.findall(expression)
    assert found, where
    for name, matchers in found:
        assert name in LABELS_BY_SERIES
        for label in re.findall(r"(\w+)(?:=|!=|=~|!~)\"", matchers):
            assert label in LABELS_BY_SERIES[name]
        for grouped in re.findall(r"by \(([^)]*)\)", expression):
            assert {label.strip() for label in grouped.split(",")} <= LABELS_BY_SERIES[name]
    assert expression.count("(") == expression.count(")")


def test_label_values_that_are_looked_at_are_ones_that_are_counted() -> None:
    allowed = {
        (metric.name, label): set(values)
        for metric in metric_names.METRICS
        for label, values in metric.labels.items()
        if values is not None
    }
    for _, expression in expressions():
        for name, matchers in SERIES.findall(expression):
            for label, value in re.findall(r"(\w+)!?=\"([^\"]*)\"", matchers):
                assert label == "job" or value in allowed[name, label], expression


def test_every_metric_is_on_the_dashboard() -> None:
    looked_at = " ".join(target["expr"] for panel in dashboard()["panels"] for target in panel["targets"])
    assert [metric.name for metric in metric_names.METRICS if metric.name not in looked_at] == []


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_alert_says_what_is_wrong() -> None:
    alerts = yaml.safe_load((DOCKER / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    for rule in alerts["groups"][0]["rules"]:
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["labels"]["severity"] in ("page", "ticket")
