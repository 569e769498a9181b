"""Windows and charts: what was counted minute by minute, with the account of what was read and what was lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from logwatch.verdict.verdict import RuleVerdict, Status
from tests.serve.world import NOON, World


def rule(world: World, window: str, rule_id: str) -> RuleVerdict:
    return next(rule for rule in world.snapshot.verdicts[window].rules if rule.id == rule_id)


def test_a_window_begins_with_the_minute_and_forgets_what_lies_before(tmp_path: Path) -> None:
    world = World(tmp_path, windows=[timedelta(minutes=5), timedelta(minutes=30)])
    world.log("oops in disk")
    for _ in range(20):
        world.turn(30.0)
    assert rule(world, "5m", "oops").counts == {"matches": 0}
    assert rule(world, "30m", "oops").counts == {"matches": 1}
    window = world.snapshot.verdicts["5m"].window
    assert window.since == NOON + timedelta(minutes=4)
    assert window.as_of == window.until == world.wall - timedelta(seconds=10, microseconds=1)
    for _ in range(80):
        world.turn(30.0)
    assert rule(world, "30m", "oops").counts == {"matches": 0}
    assert not world.exporter._follow._books.minutes._ring.minutes
    world.stop()


def test_a_run_with_several_attempts_counts_in_the_minute_of_its_last_start(tmp_path: Path) -> None:
    world = World(tmp_path, windows=[timedelta(minutes=2), timedelta(minutes=30)])
    world.log("job 1 started")
    world.turn(50.0)
    world.log("job 1 failed")
    world.turn(50.0)
    world.log("job 1 started", "job 1 done")
    world.settle()
    counts = rule(world, "30m", "job").counts
    assert counts is not None
    assert (counts["started"], counts["completed"], counts["attempts"]) == (1, 1, 2)
    assert rule(world, "30m", "job").first_attempt_rate == 0.0
    world.stop()


def test_lost_data_keeps_a_window_from_passing_until_it_is_over(tmp_path: Path) -> None:
    world = World(tmp_path, windows=[timedelta(minutes=5)])
    world.log("job 1 started")
    world.turn()
    with (tmp_path / "worker.log").open("a") as file:
        file.write("x" * 100 + "\n" * 30_000 + ("y" * 99 + "\n") * 30_000)
    world.now += 1
    world.exporter.turn(world.now, world.wall)
    (tmp_path / "worker.log").write_text("")
    world.log("after")
    world.settle()
    verdict = world.snapshot.verdicts["5m"]
    assert verdict.status is Status.INCONCLUSIVE
    assert any("lost data: " in reason for reason in verdict.reasons)
    world.restart()
    world.turn()
    assert any("lost data: " in reason for reason in world.snapshot.verdicts["5m"].reasons)
    for _ in range(20):
        world.log("alive")
        world.turn(30.0)
    assert not any("lost data: " in reason for reason in world.snapshot.verdicts["5m"].reasons)
    world.stop()


def test_a_record_that_was_cut_keeps_a_window_from_passing_until_it_is_over(tmp_path: Path) -> None:
    world = World(tmp_path, windows=[timedelta(minutes=5)])
    world.log(*("a line" for _ in range(1000)), "begins")
    world.write("goes on\n" * 1001)
    world.settle()
    cut = f"{tmp_path}/worker.log: truncated, a part of it is missing"
    assert cut in world.snapshot.verdicts["5m"].reasons
    world.restart()
    world.turn()
    assert cut in world.snapshot.verdicts["5m"].reasons
    for _ in range(20):
        world.log("alive")
        world.turn(30.0)
    assert cut not in world.snapshot.verdicts["5m"].reasons
    world.stop()


def test_charts_have_one_bar_for_each_stretch_in_which_something_was_counted(tmp_path: Path) -> None:
    world = World(tmp_path)
    for hour in range(3):
        world.log("oops in disk", f"job {hour} started", f"job {hour} done", f"job x{hour} started")
        for _ in range(12):
            world.turn(300.0)
    points = world.snapshot.history
    assert [(p.good, p.bad) for p in points["job"]] == [(1, 1)] * 3
    assert [(p.good, p.bad) for p in points["oops"]] == [(0, 1)] * 3
    first, second, _ = points["job"]
    assert second.start - first.start == timedelta(minutes=62)
    world.stop()


def test_streams_show_what_is_read(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert not world.snapshot.ready
    world.log("a", "b")
    world.settle()
    [stream] = world.snapshot.streams
    assert world.snapshot.ready
    assert (stream.name, stream.format, stream.lines) == (str(tmp_path / "worker.log"), "iso8601", 2)
    assert (stream.unread_bytes, stream.lag, stream.last_event, stream.trouble) == (0, None, NOON, None)
    world.stop()
