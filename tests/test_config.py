"""`logwatch.yml`: found where people put it, read strictly, all its problems told at once."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from pathlib import Path

import jsonschema
import pytest

from logwatch.config import Config, config_schema, find_config, load_config, no_sources
from logwatch.errors import ConfigError

SHIPPED = Path("/shipped")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "logwatch.yml"
    path.write_text(text)
    return path


def test_without_a_file_everything_has_a_default() -> None:
    assert load_config(None, SHIPPED) == Config()


def test_paths_are_taken_from_the_files_own_directory(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
version: 1
sources: [logs/*.log, /var/log/worker.log]
rules: [shipped, own.yml]
timezone: +02:00
lateness: 30s
assurance: strict
deploys: state/deploys.jsonl
deployment_attribute: deployment.id
""",
    )
    config = load_config(path, SHIPPED)
    assert config.sources == (str(tmp_path / "logs/*.log"), "/var/log/worker.log")
    assert config.rules == (SHIPPED, tmp_path / "own.yml")
    assert config.zone.utcoffset(None) == timezone(timedelta(hours=2)).utcoffset(None)
    assert config.lateness == timedelta(seconds=30)
    assert config.assurance == "strict"
    assert config.deploys == tmp_path / "state/deploys.jsonl"
    assert config.deployment_attribute == "deployment.id"


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """version: 2
source: [a.log]
timezone: Mars/Olympus
assurance: paranoid
lateness: soon
""",
    )
    with pytest.raises(ConfigError) as told:
        load_config(path, SHIPPED)
    assert [str(problem).removeprefix(str(path)) for problem in told.value.problems] == [
        ":1: 'version' is 2; this logwatch reads version 1",
        ":2: unknown key 'source'; did you mean 'sources'?",
        ":3: 'timezone' is 'Mars/Olympus', which is no time zone; write it like UTC, Europe/Berlin or +02:00",
        ":4: 'assurance' is 'paranoid', which is none of quick, standard, strict",
        ":5: 'lateness' is 'soon', which is no time span; write it like 90s, 30m or 1h30m",
    ]


def test_what_the_values_mean_is_checked_once_they_can_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, "version: 2\ntimezone: Mars/Olympus\n")
    with pytest.raises(ConfigError) as told:
        load_config(path, SHIPPED)
    assert [str(problem).removeprefix(str(path)) for problem in told.value.problems] == [
        ":1: 'version' is 2; this logwatch reads version 1",
        ":2: 'timezone' is 'Mars/Olympus', which is no time zone; write it like UTC, Europe/Berlin or +02:00",
    ]


def test_a_file_that_is_asked_for_and_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.yml", SHIPPED)


def test_the_places_are_tried_in_order(tmp_path: Path) -> None:
    here, home, xdg = tmp_path / "here", tmp_path / "home", tmp_path / "xdg"
    for folder in (here, home / ".config/logwatch", xdg / "logwatch"):
        folder.mkdir(parents=True)
    environment = {"HOME": str(home)}
    assert find_config(None, environment, here) is None
    in_home = home / ".config/logwatch/logwatch.yml"
    in_home.touch()
    assert find_config(None, environment, here) == in_home
    environment["XDG_CONFIG_HOME"] = str(xdg)
    assert find_config(None, environment, here) is None
    (xdg / "logwatch/logwatch.yml").touch()
    assert find_config(None, environment, here) == xdg / "logwatch/logwatch.yml"
    (here / "logwatch.yml").touch()
    assert find_config(None, environment, here) == here / "logwatch.yml"
    environment["LOGWATCH_CONFIG"] = "/elsewhere.yml"
    assert find_config(None, environment, here) == Path("/elsewhere.yml")
    assert find_config(Path("asked.yml"), environment, here) == Path("asked.yml")


def test_no_sources_says_what_to_do(tmp_path: Path) -> None:
    assert str(no_sources(Config())) == (
        "no sources: name log files, or write a logwatch.yml with 'sources:' (see the README for one)"
    )
    path = written(tmp_path, "version: 1\n")
    assert str(no_sources(load_config(path, SHIPPED))) == (
        f"{path}: names no sources; add 'sources:', or name log files"
    )


def test_the_schema_accepts_what_the_loader_accepts() -> None:
    schema = config_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {"version": 1, "sources": ["a.log"], "rules": ["shipped"], "timezone": "UTC", "lateness": "10s"}
    jsonschema.validate(good, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": 1, "source": []}, schema)


def test_utc_is_the_default_zone(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, "version: 1\n"), SHIPPED).zone is UTC


def test_what_serve_works_with_is_taken_from_the_files_directory_and_its_windows_are_in_order(
    tmp_path: Path,
) -> None:
    text = "version: 1\nserve: {state: kept, windows: [24h, 5m, 1h30m], listen: '0.0.0.0:99', web_config: web.yml}\n"
    serve = load_config(written(tmp_path, text), SHIPPED).serve
    assert serve.state == tmp_path / "kept"
    spans = {"5m": timedelta(minutes=5), "1h30m": timedelta(minutes=90), "24h": timedelta(days=1)}
    assert list(serve.windows.items()) == list(spans.items())
    assert (serve.listen, serve.web_config) == ("0.0.0.0:99", tmp_path / "web.yml")
    default = load_config(written(tmp_path, "version: 1\n"), SHIPPED).serve
    assert default.state == tmp_path / "logwatch-serve"
    assert default.windows == {"30m": timedelta(minutes=30), "24h": timedelta(days=1)}


def test_a_source_that_is_no_path_stays_as_it_is(tmp_path: Path) -> None:
    text = "version: 1\nsources: ['journal:worker.service', '-', a.log]\n"
    sources = load_config(written(tmp_path, text), SHIPPED).sources
    assert sources == ("journal:worker.service", "-", str(tmp_path / "a.log"))


def test_windows_and_addresses_that_cannot_be_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, "version: 1\nserve:\n  windows: [5m, 30s, 5m]\n  listen: here\n")
    with pytest.raises(ConfigError) as told:
        load_config(path, SHIPPED)
    assert [str(problem).removeprefix(str(path)) for problem in told.value.problems] == [
        ":3: 'windows' holds 30s; a span from 1m to 7d is needed",
        ":3: 'windows' names 5m twice; remove one",
        ":4: 'listen' is 'here'; write it like 127.0.0.1:9437",
    ]
    path = written(tmp_path, "version: 1\nserve:\n  windows: []\n")
    with pytest.raises(ConfigError) as told:
        load_config(path, SHIPPED)
    assert str(told.value) == f"{path}:3: 'windows' is empty; name at least one time span, such as 30m"
