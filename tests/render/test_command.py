"""`logwatch render` prints what is asked for, the same every time, or writes it to a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import run

EVERY_KIND = Path(__file__).parent / "every_kind.yml"
OF_RULES = ("prometheus-alerts", "prometheus-tests", "grafana-dashboard")


@pytest.mark.parametrize("what", [*OF_RULES, "scrape-config", "systemd-unit"])
def test_a_file_gets_what_would_be_printed(what: str, tmp_path: Path) -> None:
    printed = run("render", what, directory=tmp_path)
    assert (printed.code, printed.err) == (0, "")
    written = run("render", what, "-o", "file", directory=tmp_path)
    assert (written.code, written.out, written.err) == (0, "", "")
    assert (tmp_path / "file").read_text(encoding="utf-8") == printed.out


@pytest.mark.parametrize("what", OF_RULES)
def test_the_rules_are_those_of_check(what: str, tmp_path: Path) -> None:
    named = run("render", what, "--rules", str(EVERY_KIND), directory=tmp_path).out
    (tmp_path / "logwatch.yml").write_text(f"version: 1\nrules: [{EVERY_KIND}]\n", encoding="utf-8")
    assert run("render", what, directory=tmp_path).out == named
    assert "strict" in named
    assert "unknown-workflow-stage" not in named


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = run("render", "scrape-config", "-o", "nowhere/file", directory=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "logwatch: nowhere/file: cannot be written (No such file or directory); name another file\n"
    )


def test_tests_name_the_file_of_alerts_that_they_are_told(tmp_path: Path) -> None:
    made = run("render", "prometheus-tests", "--rule-file", "../rules/a.yml", directory=tmp_path).out
    assert "rule_files:\n- ../rules/a.yml\n" in made
