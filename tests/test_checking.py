"""The main job: one question asked of real files, once or until it is decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logwatch.checking import Check, Checked, Request, rule_paths, until_decided
from logwatch.config import Config
from logwatch.deploys import Deployment, add_marker
from logwatch.errors import UsageError
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.model import RuleSet
from logwatch.verdict.verdict import Status

NOW = datetime(2025, 10, 11, 18, 0, tzinfo=UTC)
RULES = """
version: 1
rules:
  - id: job
    kind: pair
    title: Jobs end
    severity: critical
    start: 'start (?P<job>\\S+)'
    outcomes: {completed: 'done (?P<job>\\S+)', failed: 'fail (?P<job>\\S+)'}
    key: [job]
    timeout: 4m
"""


@pytest.fixture
def ruleset(tmp_path: Path) -> RuleSet:
    (tmp_path / "rules.yml").write_text(RULES)
    return load_rules([tmp_path / "rules.yml"])


def log(path: Path, *lines: tuple[float, str]) -> str:
    """Write lines at minutes before NOW."""
    path.write_text(
        "".join(f"{(NOW - timedelta(minutes=m)).isoformat()} {text}\n" for m, text in lines), encoding="utf-8"
    )
    return str(path)


def runs(*minutes: float, end: str = "done") -> list[tuple[float, str]]:
    return [
        line for n, m in enumerate(minutes) for line in ((m, f"start {m}-{n}"), (m - 0.1, f"{end} {m}-{n}"))
    ]


def ask(request: Request, ruleset: RuleSet, config: Config | None = None) -> Checked:
    return Check(request, config or Config(), ruleset, NOW).ask(NOW)


def test_without_since_a_named_file_is_judged_whole_as_of_its_last_record(
    tmp_path: Path, ruleset: RuleSet
) -> None:
    name = log(tmp_path / "a.log", *runs(600, 500, 400, 300, 200))
    checked = ask(Request(names=(name,)), ruleset)
    assert checked.verdict.status is Status.PASS
    assert checked.verdict.window.since == NOW - timedelta(minutes=600)
    assert checked.verdict.window.as_of == NOW - timedelta(minutes=199.9)
    assert checked.age == timedelta(minutes=199.9)


def test_configured_sources_are_judged_over_the_last_half_hour(tmp_path: Path, ruleset: RuleSet) -> None:
    name = log(tmp_path / "a.log", *runs(100, 90), *runs(29, 20, 15, 10, 5, 1))
    checked = ask(Request(), ruleset, Config(sources=(name,)))
    assert checked.verdict.window.since == NOW - timedelta(minutes=30)
    assert checked.verdict.window.until == NOW
    assert checked.age is None
    assert checked.verdict.rules[0].counts is not None
    assert checked.verdict.rules[0].counts["started"] == 6


def test_a_deployment_is_judged_in_its_own_window(tmp_path: Path, ruleset: RuleSet) -> None:
    name = log(
        tmp_path / "a.log",
        (41, "start old"),
        *runs(39, 38, 37, end="fail"),
        (35, "fail old"),
        *runs(20, 18, 16, 14, 12, 1),
    )
    config = Config(deploys=tmp_path / "deploys.jsonl")
    add_marker(config.deploys, Deployment("first", NOW - timedelta(minutes=60)))
    add_marker(config.deploys, Deployment("bad", NOW - timedelta(minutes=40), commit="e682860"))
    add_marker(config.deploys, Deployment("good", NOW - timedelta(minutes=21), commit="d52dee0"))
    bad = ask(Request(names=(name,), deployment="e682860"), ruleset, config).verdict
    last = ask(Request(names=(name,), deployment=""), ruleset, config).verdict
    assert (bad.status, bad.deployment) == (Status.FAIL, "bad (e682860)")
    assert bad.window.since == NOW - timedelta(minutes=40)
    assert bad.window.until == NOW - timedelta(minutes=21, microseconds=1)
    assert bad.rules[0].counts is not None
    assert (bad.rules[0].counts["failed"], bad.rules[0].counts["started"]) == (3, 3)
    assert bad.rules[0].older == "older deployment: 1 run (1 timed out), kept out of everything else"
    assert (last.status, last.deployment) == (Status.PASS, "good (d52dee0)")


def test_a_run_that_starts_with_the_next_deployment_is_that_ones_alone(
    tmp_path: Path, ruleset: RuleSet
) -> None:
    name = log(tmp_path / "a.log", *runs(30), *runs(20), *runs(10))
    config = Config(deploys=tmp_path / "deploys.jsonl")
    for label, minutes in (("one", 30), ("two", 20), ("three", 10), ("four", 10)):
        add_marker(config.deploys, Deployment(label, NOW - timedelta(minutes=minutes)))
    started = []
    for label in ("one", "two", "three", "four"):
        found = ask(Request(names=(name,), deployment=label), ruleset, config).verdict.rules[0].counts
        assert found is not None
        started.append(found["started"])
    # of two that went live at the same moment, nobody can tell whose run it was
    assert started == [1, 1, 1, 1]


def test_rules_that_do_not_exist_are_all_named(ruleset: RuleSet) -> None:
    with pytest.raises(UsageError) as told:
        Check(Request(names=("a",), only=("jo", "zzz")), Config(), ruleset, NOW)
    assert [str(problem) for problem in told.value.problems] == [
        "--rule: there is no rule 'jo'; did you mean 'job'?",
        "--rule: there is no rule 'zzz'; see: logwatch rules list",
    ]


class Clock:
    """Moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[timedelta] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, span: timedelta) -> None:
        self.slept.append(span)
        self.now += span


def test_wait_reads_again_until_something_is_decided(tmp_path: Path, ruleset: RuleSet) -> None:
    path, clock = tmp_path / "a.log", Clock()
    question = Check(Request(names=(str(path),), since="2m"), Config(), ruleset, NOW)
    windows = []

    def one(now: datetime) -> Checked:
        if len(windows) == 2:
            log(path, *runs(2, 1.8, 1.6, 1.4, 1.2, 0.11))
        checked = question.ask(now)
        windows.append((checked.verdict.window.since, checked.verdict.window.as_of))
        return checked

    checked = until_decided(one, wait=timedelta(minutes=5), clock=clock, sleep=clock.sleep)
    assert checked.verdict.status is Status.PASS
    assert clock.slept == [timedelta(seconds=10)] * 2
    since = NOW - timedelta(minutes=2)
    assert windows == [(since, NOW + timedelta(seconds=10 * n)) for n in range(3)]


def test_wait_gives_up_when_its_time_is_over(tmp_path: Path, ruleset: RuleSet) -> None:
    clock = Clock()
    question = Check(Request(names=(str(tmp_path / "none.log"),)), Config(), ruleset, NOW)
    checked = until_decided(question.ask, wait=timedelta(seconds=25), clock=clock, sleep=clock.sleep)
    assert checked.verdict.status is Status.INCONCLUSIVE
    assert clock.slept == [timedelta(seconds=s) for s in (10, 10, 5)]


def test_wait_never_retries_a_fail(tmp_path: Path, ruleset: RuleSet) -> None:
    clock = Clock()
    name = log(tmp_path / "a.log", *runs(5, 4, 3, 2, 1, end="fail"))
    question = Check(Request(names=(name,)), Config(), ruleset, NOW)
    checked = until_decided(question.ask, wait=timedelta(minutes=5), clock=clock, sleep=clock.sleep)
    assert checked.verdict.status is Status.FAIL
    assert clock.slept == []


def test_standard_input_cannot_be_asked_twice(ruleset: RuleSet) -> None:
    assert not Check(Request(names=("a.log", "-")), Config(), ruleset, NOW).repeatable
    assert Check(Request(names=("a.log",)), Config(), ruleset, NOW).repeatable


def test_rules_are_those_given_else_configured_else_shipped() -> None:
    shipped, own, given = Path("shipped"), Path("own.yml"), Path("given.yml")
    assert rule_paths((), Config(), shipped) == (shipped,)
    assert rule_paths((), Config(rules=(own,)), shipped) == (own,)
    assert rule_paths((given,), Config(rules=(own,)), shipped) == (given,)
