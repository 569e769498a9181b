"""One engine, two drivers: a log that is followed as it grows comes to the numbers that `check` finds in it."""

from __future__ import annotations

import random
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logwatch.checking import Check, Request
from logwatch.config import load_config
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.model import Kind, RuleSet
from logwatch.timespec import parse_date
from logwatch.verdict.verdict import RuleVerdict, Verdict
from tests.serve.world import Scrape, World

ROOT = Path(__file__).parents[2]
LEFT_OUT = {
    "newest-first": "who follows a log reads it as it is written",
    "cut-gzip": "a compressed file is waited for until it is whole",
}
CASES = [
    path.parent
    for path in sorted((ROOT / "fixtures").glob("*/command.txt"))
    if path.parent.name not in LEFT_OUT
]
SHIPPED = load_rules([ROOT / "rules"])


class Case:
    """A fixture: its log, its rules, and the moment that it is judged from."""

    def __init__(self, folder: Path) -> None:
        words = shlex.split((folder / "command.txt").read_text(encoding="utf-8").splitlines()[1])
        options = dict(zip(words[2::2], words[3::2], strict=False))
        self.log = folder / words[1]
        self.as_of = datetime.fromisoformat(options.get("--as-of") or options["--until"]).astimezone(UTC)
        self.day = parse_date(options["--date"]) if "--date" in options else None
        config = folder / "logwatch.yml"
        rules = load_config(config, ROOT / "rules").rules if config.exists() else ()
        self.rules: RuleSet = load_rules(rules) if rules else SHIPPED

    def checked(self, config: World, since: datetime | None, as_of: datetime) -> Verdict:
        """What check says of it."""
        request = Request(
            names=(str(self.log),),
            since=since and since.isoformat(),
            as_of=as_of.isoformat(),
            until=since and as_of.isoformat(),
            day=self.day,
        )
        return Check(request, config.config, self.rules, as_of).ask(as_of).verdict


def followed(case: Case, folder: Path, seed: int) -> World:
    """Follow the log as it grows by pieces of any size, through restarts and kills, until it is silent."""
    chance = random.Random(seed)
    world = World(folder, case.rules, wall=case.as_of - timedelta(seconds=5))
    data = case.log.read_bytes()
    target = folder / "worker.log"
    while data:
        size = chance.choice([1, 100, 5_000, 50_000, len(data)])
        with target.open("ab") as file:
            file.write(data[:size])
        data = data[size:]
        world.turn(0.001)
        if chance.random() < 0.3:
            world.turn(1.0 if chance.random() < 0.5 and world.now < 3 else 0.001)
        if chance.random() < 0.2:
            world.restart()
    return world


def counts(verdict: Verdict) -> dict[str, object]:
    return {
        rule.id: (rule.counts, rule.rate, rule.quantiles, rule.by_label, rule.first_attempt_rate)
        for rule in verdict.rules
    }


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_windows_and_counters_hold_what_check_counts(folder: Path, tmp_path: Path) -> None:
    case = Case(folder)
    world = followed(case, tmp_path, seed=1)
    # the watermark reaches as_of, which is complete then
    world.wall = case.as_of + world.config.lateness + timedelta(microseconds=1)
    for _ in range(4):
        world.now += 20
        world.turn(0)
    assert list(world.snapshot.verdicts) == list(world.config.serve.windows)
    for verdict in world.snapshot.verdicts.values():
        assert verdict.window.as_of == case.as_of
        assert counts(verdict) == counts(case.checked(world, verdict.window.since, case.as_of))
    for _ in range(4):  # until nothing is in flight any more
        world.turn(1800.0)
    checked = case.checked(world, None, world.wall)
    scrape = world.scrape()
    assert {rule.id: exported(scrape, rule) for rule in checked.rules} == {
        rule.id: {name: rule.counts[name] for name in NAMES[rule.kind]}
        for rule in checked.rules
        if rule.counts is not None
    }
    world.stop()


OUTCOMES = ("completed", "failed", "skipped", "timed_out", "superseded", "evicted", "unknown_gap")
ODDITIES = ("orphan_end", "duplicate_end", "unkeyed")
NAMES = {
    Kind.PAIR: ("started", *OUTCOMES, *ODDITIES),
    Kind.SEQUENCE: ("started", "completed"),
    Kind.RATIO: ("numerator", "denominator"),
    **dict.fromkeys((Kind.FORBID, Kind.EXPECT, Kind.COUNT, Kind.MEASURE), ("matches",)),
}


def exported(scrape: Scrape, rule: RuleVerdict) -> dict[str, float | None]:
    if rule.kind is Kind.PAIR:
        found = {
            name: scrape.value(f"pair_{name}_total", {"pair": rule.id}) for name in ("started", *OUTCOMES)
        }
        for oddity in ODDITIES:
            found[oddity] = scrape.value("pair_stray_records_total", {"pair": rule.id, "oddity": oddity})
        return found
    if rule.kind is Kind.RATIO:
        return {name: scrape.value(f"ratio_{name}_total", {"ratio": rule.id}) for name in NAMES[Kind.RATIO]}
    if rule.kind is Kind.SEQUENCE:
        reached = [
            value
            for (name, labels), value in scrape.samples.items()
            if name == "logwatch_sequence_steps_reached_total" and ("sequence", rule.id) in labels
        ]
        return {"started": reached[0], "completed": reached[-1]}
    return {"matches": scrape.value("rule_matching_records_total", {"rule": rule.id})}
