"""Reloading: new rules from the next line on; bad ones change nothing, and say so."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from tests.serve.world import JOBS, World

JOB = {"pair": "job"}


def test_new_rules_are_in_force_at_once_and_what_they_leave_alone_goes_on(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.log("job 1 started", "hurray")
    world.settle()
    world.log("job 2 started")
    world.turn()
    world.rules = JOBS + "  - {id: joy, kind: count, title: Joy, severity: info, pattern: hurray}\n"
    assert world.exporter.reload().problem is None
    world.log("job 2 done", "hurray")
    world.settle()
    assert world.value("pair_timed_out_total", JOB) == 1
    assert world.value("pair_completed_total", JOB) == 1
    assert world.value("rule_matching_records_total", {"rule": "joy"}) == 1
    world.restart()
    world.settle()
    assert world.value("pair_completed_total", JOB) == 1
    assert world.value("rule_matching_records_total", {"rule": "joy"}) == 1
    world.stop()


def test_bad_rules_are_refused_and_the_old_ones_stay_in_force(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.rules = JOBS.replace("kind: forbid", "kind: forbit")
    loaded = world.exporter.reload()
    problem = f"{tmp_path}/rules.yml:17: rule 'oops': 'kind' is 'forbit'"
    assert loaded.problem is not None
    assert loaded.problem.startswith(problem)
    assert world.said == [f"not reloaded: {loaded.problem}"]
    world.log("oops in disk")
    world.settle()
    assert world.snapshot.loaded == loaded
    assert world.value("config_last_reload_successful") == 0
    assert world.value("rule_matching_records_total", {"rule": "oops"}) == 1
    world.rules = JOBS
    at = world.wall
    assert world.exporter.reload().problem is None
    world.turn()
    assert world.value("config_last_reload_successful") == 1
    assert world.value("config_last_reload_success_timestamp_seconds") == at.timestamp()
    world.stop()


def test_other_sources_are_followed_from_then_on_and_the_old_ones_where_they_were(tmp_path: Path) -> None:
    world = World(tmp_path, names=["worker.log"])
    world.log("job 1 started")
    world.log("job 2 started", name="other.log")
    world.turn()
    world.names = (str(tmp_path / "*.log"),)
    assert world.exporter.reload().problem is None
    world.log("job 1 done")
    world.log("job 2 done", name="other.log")
    world.settle()
    assert world.value("pair_completed_total", JOB) == 2
    assert world.value("lines_read_total", {"input": str(tmp_path / "worker.log")}) == 2
    world.stop()


def test_other_windows_are_judged_by_what_was_counted_before(tmp_path: Path) -> None:
    world = World(tmp_path, windows=[timedelta(minutes=10)])
    world.log("oops in disk")
    world.settle()
    world.config = replace(
        world.config, serve=replace(world.config.serve, windows={"1h": timedelta(hours=1)})
    )
    assert world.exporter.reload().problem is None
    world.turn()
    assert list(world.snapshot.verdicts) == ["1h"]
    assert world.snapshot.verdicts["1h"].rules[1].counts == {"matches": 1}
    world.stop()


def test_a_histogram_begins_anew_when_its_bounds_change_and_nothing_else_does(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.log("job 1 started")
    world.turn(7.0)
    world.log("job 1 done")
    world.settle()
    began = world.value("pair_duration_seconds_created", JOB)
    world.rules = JOBS.replace("    timeout: 1m\n", "    timeout: 1m\n    duration: {p50: 8s}\n")
    at = world.wall
    assert world.exporter.reload().problem is None
    world.log("job 2 started")
    world.turn(7.0)
    world.log("job 2 done")
    world.settle()
    assert world.value("pair_completed_total", JOB) == 2
    assert world.value("pair_duration_seconds_count", JOB) == 1
    assert world.value("pair_duration_seconds_bucket", JOB | {"le": "8.0"}) == 1
    assert world.value("pair_duration_seconds_created", JOB) == at.timestamp() != began
    assert world.value("pair_completed_created", JOB) == began
    world.stop()


def test_what_is_read_at_the_start_alone_is_told_when_it_changes(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.config = replace(world.config, serve=replace(world.config.serve, listen="127.0.0.1:9999"))
    assert world.exporter.reload().problem is None
    assert world.said == [
        "'listen' of serve: is read at the start; start logwatch serve anew to change it",
        "reloaded",
    ]
    world.stop()
