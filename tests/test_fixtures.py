"""Every fixture is a log, a command and what it prints; `pytest --refresh-golden` writes what it prints now."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import jsonschema
import pytest

from logwatch.reports.json_schema import report_schema
from tests.cli.command import run

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(path.parent for path in FIXTURES.glob("*/command.txt"))


def test_there_is_a_fixture_for_every_promise() -> None:
    assert len(CASES) >= 25


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fixture_gives_what_is_expected(case: Path, request: pytest.FixtureRequest) -> None:
    about, *commands = (case / "command.txt").read_text(encoding="utf-8").splitlines()
    assert about.startswith("# "), "the first line says what the case shows"
    found = {"expected.txt": ""}
    for number, command in enumerate(commands, start=1):
        arguments = shlex.split(command)
        text = run(*arguments, directory=case)
        report = run(*arguments, "-f", "json", directory=case)
        assert text.err == report.err == ""
        assert text.code == report.code
        jsonschema.validate(json.loads(report.out), report_schema())
        found["expected.txt"] += f"$ logwatch {command}\n{text.out}[exit {text.code}]\n"
        found["expected.json" if len(commands) == 1 else f"expected-{number}.json"] = report.out
    for name, content in found.items():
        if request.config.getoption("--refresh-golden"):
            (case / name).write_text(content, encoding="utf-8")
        assert content == (case / name).read_text(encoding="utf-8")


HEALTHY = [case for case in CASES if case.name.startswith("format-") and case.name != "format-plain"]


@pytest.mark.parametrize("case", HEALTHY, ids=lambda case: case.name)
def test_every_format_tells_the_same_story(case: Path) -> None:
    first = json.loads((FIXTURES / "format-iso8601/expected.json").read_text(encoding="utf-8"))
    this = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert this["verdict"] == "pass"
    assert [(r["id"], r["verdict"], r["counts"]) for r in this["rules"]] == [
        (r["id"], r["verdict"], r["counts"]) for r in first["rules"]
    ]
