"""The scrape and the service are what Prometheus and systemd take, for the address and the paths that are given."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
import yaml

from logwatch.render.scrape_config import scrape_config
from logwatch.render.systemd_unit import systemd_unit
from tests.cli.command import run
from tests.render.promtool import needs_promtool, promtool

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed (Debian: systemd)"
)


@needs_promtool
def test_prometheus_takes_the_scrape_and_the_alerts_beside_it(tmp_path: Path) -> None:
    for name, command in {
        "prometheus.yml": "scrape-config",
        "logwatch-alerts.yml": "prometheus-alerts",
    }.items():
        assert run("render", command, "-o", name, directory=tmp_path).code == 0
    code, said = promtool("check", "config", "prometheus.yml", directory=tmp_path)
    assert code == 0, said
    assert "1 rule files found" in said


@pytest.mark.parametrize(
    ("listen", "target"),
    [
        ("127.0.0.1:9437", "127.0.0.1:9437"),
        ("[::1]:9437", "[::1]:9437"),
        (":9437", "localhost:9437"),
        ("0.0.0.0:80", "localhost:80"),
        ("[::]:80", "localhost:80"),
    ],
)
def test_the_target_is_where_the_exporter_can_be_reached(listen: str, target: str) -> None:
    (scrape,) = yaml.safe_load(scrape_config(listen, "logwatch"))["scrape_configs"]
    assert scrape["static_configs"] == [{"targets": [target]}]


def test_the_address_is_the_configured_one_unless_another_is_given(tmp_path: Path) -> None:
    (tmp_path / "logwatch.yml").write_text("version: 1\nserve: {listen: '10.0.0.1:80'}\n", encoding="utf-8")
    assert '"10.0.0.1:80"' in run("render", "scrape-config", directory=tmp_path).out
    given = run("render", "scrape-config", "--web.listen-address", ":9", "--job", 'a "b"', directory=tmp_path)
    (scrape,) = yaml.safe_load(given.out)["scrape_configs"]
    assert scrape["job_name"] == 'a "b"'
    assert scrape["static_configs"] == [{"targets": ["localhost:9"]}]


def test_the_service_is_this(golden: Callable[[str, str], None]) -> None:
    golden("logwatch.service", run("render", "systemd-unit").out)


@needs_systemd
def test_systemd_takes_the_service_and_finds_it_safe(tmp_path: Path) -> None:
    unit = tmp_path / "logwatch.service"
    executable = PurePosixPath(sys.executable).parent / "logwatch"
    unit.write_text(systemd_unit(executable, PurePosixPath("/etc/logwatch.yml"), ":9437"), encoding="utf-8")
    for arguments in (("verify",), ("security", "--offline=true", "--threshold=20", "--no-pager")):
        done = subprocess.run(
            ["systemd-analyze", *arguments, str(unit)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""


def test_paths_keep_their_blanks_and_signs_as_one_argument_each() -> None:
    unit = systemd_unit(PurePosixPath("/opt/log watch/%n"), PurePosixPath('/etc/$HOME/"x"\\.yml'), None)
    assert 'ExecStart="/opt/log watch/%%n" serve --config "/etc/$$HOME/\\"x\\"\\\\.yml" --state' in unit
    assert "listen-address" not in unit


def test_a_path_that_is_not_absolute_is_refused() -> None:
    result = run("render", "systemd-unit", "--config", "logwatch.yml")
    assert result.code == 2
    assert result.err == (
        "logwatch: 'logwatch.yml' is not absolute; systemd has no working directory: write it from the root\n"
    )


def test_a_span_that_is_none_is_refused() -> None:
    result = run("render", "prometheus-alerts", "--silent-after", "soon")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "logwatch: --silent-after: 'soon' is not a time span; write it like 90s, 30m, 2h, 1d or 1h30m\n"
    )
