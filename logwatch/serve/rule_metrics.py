"""Metrics of what the rules count and how they are judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import Metric

from logwatch.engine.life import InFlight
from logwatch.engine.run import Oddity, Outcome
from logwatch.reports.prometheus import VERDICT_SAYS, VERDICT_VALUES
from logwatch.ruleset.model import (
    ExpectRule,
    MeasureRule,
    PairRule,
    RatioRule,
    Rule,
    RuleSet,
    SequenceRule,
    Unit,
)
from logwatch.serve import names
from logwatch.serve.counters import Counters, RuleCounters, skipped_at
from logwatch.serve.families import CounterFamily, GaugeFamily, HistogramFamily, Labels
from logwatch.verdict.verdict import Verdict

_OUTCOMES = (
    (names.PAIR_COMPLETED, Outcome.COMPLETED, "Runs whose completion was logged in time."),
    (names.PAIR_FAILED, Outcome.FAILED, "Runs that failed, once no retry can revise it."),
    (names.PAIR_SKIPPED, Outcome.SKIPPED, "Runs that had, legitimately, nothing to do."),
    (names.PAIR_TIMED_OUT, Outcome.TIMED_OUT, "Runs that did not end in time."),
    (names.PAIR_SUPERSEDED, Outcome.SUPERSEDED, "Runs that another start of their key replaced."),
    (names.PAIR_EVICTED, Outcome.EVICTED, "Runs that were given up since too many were open."),
    (names.PAIR_UNKNOWN_GAP, Outcome.UNKNOWN_GAP, "Runs that were open while the log lost data."),
)
_MEASURED = {
    Unit.SECONDS: names.MEASURED_SECONDS,
    Unit.MILLISECONDS: names.MEASURED_SECONDS,
    Unit.BYTES: names.MEASURED_BYTES,
    Unit.COUNT: names.MEASURED_VALUES,
}


def rule_metrics(ruleset: RuleSet, counters: Counters, in_flight: Mapping[str, InFlight]) -> Iterator[Metric]:
    """Yield the counters of all rules, and the runs in flight."""
    counted = [(rule, counters.rules[rule.id]) for rule in ruleset.rules]
    yield from _matches(counted)
    timeouts = CounterFamily(names.REGEX_TIMEOUTS, "Records on which a pattern used up its time budget.")
    dropped = CounterFamily(
        names.LABEL_VALUES_DROPPED,
        "Matches counted as __other__, since their rule has too many label values.",
    )
    for rule, known in counted:
        timeouts.add({names.RULE: rule.id}, known.timeouts, known.created)
        dropped.add({names.RULE: rule.id}, known.dropped, known.created)
    yield timeouts.family()
    yield dropped.family()
    yield from _pairs([(rule, known) for rule, known in counted if isinstance(rule, PairRule)], in_flight)
    yield from _sequences([(rule, known) for rule, known in counted if isinstance(rule, SequenceRule)])
    yield from _sides([(rule, known) for rule, known in counted if isinstance(rule, RatioRule)])
    yield from _measures([(rule, known) for rule, known in counted if isinstance(rule, MeasureRule)])


def verdict_metrics(verdicts: Mapping[str, Verdict]) -> Iterator[Metric]:
    """Yield the verdicts of all windows."""
    judged = GaugeFamily(names.RULE_VERDICT, f"The verdict on a rule: {VERDICT_SAYS}.")
    for window, verdict in verdicts.items():
        for rule in verdict.rules:
            if rule.status in VERDICT_VALUES:
                judged.add({names.RULE: rule.id, names.WINDOW: window}, VERDICT_VALUES[rule.status])
    yield judged.family()


def _matches(counted: list[tuple[Rule, RuleCounters]]) -> Iterator[Metric]:
    family = CounterFamily(names.RULE_MATCHES, "Records that match a rule, by the labels of the rule.")
    total = CounterFamily(names.RULE_RECORDS, "Records that match a rule, whatever their labels.")
    for rule, known in counted:
        own = {names.RULE: rule.id}
        total.add(own, known.matches, known.created)
        unlabelled: float = known.matches
        by_key = isinstance(rule, ExpectRule) and bool(rule.expected)
        labels = [names.KEY] if by_key else [names.metric_label(label) for label in rule.labels]
        for values, n in known.by_label.items():
            parts = {name: value for name, value in zip(labels, values, strict=True) if value}
            if parts:
                family.add(own | parts, n.value, n.created)
                unlabelled -= n.value
        family.add(own, unlabelled, known.created)
    yield family.family()
    yield total.family()


def _pairs(
    counted: list[tuple[PairRule, RuleCounters]], in_flight: Mapping[str, InFlight]
) -> Iterator[Metric]:
    started = CounterFamily(names.PAIR_STARTED, "Runs that started; several attempts are one run.")
    late = CounterFamily(names.PAIR_LATE_COMPLETIONS, "Ends of runs that came after their deadline.")
    strays = CounterFamily(names.PAIR_STRAYS, "Records that fit no run.")
    running = GaugeFamily(names.PAIR_IN_FLIGHT, "Runs that have not ended and are in time.")
    oldest = GaugeFamily(names.PAIR_OLDEST_START, "Start of the oldest run in flight.")
    durations = HistogramFamily(names.PAIR_DURATION, "Duration of completed runs, from their last start.")
    for rule, known in counted:
        labels = {names.PAIR: rule.id}
        now = in_flight[rule.id]
        final = sum(known.named[outcome.value].value for _, outcome, _ in _OUTCOMES)
        started.add(labels, final + now.open, known.created)
        late.add(labels, known.named["late"].value, known.created)
        for oddity in (Oddity.ORPHAN_END, Oddity.DUPLICATE_END, Oddity.UNKEYED):
            stray = known.named[oddity.value]
            strays.add(labels | {names.ODDITY: oddity.value}, stray.value, stray.created)
        running.add(labels, now.running)
        if now.oldest is not None:
            oldest.add(labels, now.oldest.timestamp())
        assert known.distribution is not None
        durations.add(labels, known.distribution)
    yield started.family()
    for name, outcome, says in _OUTCOMES:
        yield _named(name, says, [({names.PAIR: rule.id}, known, outcome.value) for rule, known in counted])
    for family in (late, strays, running, oldest, durations):
        yield family.family()


def _sequences(counted: list[tuple[SequenceRule, RuleCounters]]) -> Iterator[Metric]:
    reached, skipped, runs = [], [], []
    for rule, known in counted:
        labels = {names.SEQUENCE: rule.id}
        for step in rule.steps:
            at = labels | {names.STEP: step.name}
            reached.append((at, known, step.name))
            if step.skipped is not None:
                skipped.append((at, known, skipped_at(step.name)))
        runs += [
            (labels | {names.OUTCOME: name.removeprefix("run:")}, known, name)
            for name in known.named
            if name.startswith("run:")
        ]
    yield _named(names.SEQUENCE_REACHED, "Runs, or records of a funnel, that reached a step.", reached)
    yield _named(names.SEQUENCE_SKIPPED, "Those that ended, legitimately, before a step.", skipped)
    yield _named(names.SEQUENCE_RUNS, "Runs of sequences with a key, by what became of them.", runs)


def _sides(counted: list[tuple[RatioRule, RuleCounters]]) -> Iterator[Metric]:
    for name, side, says in (
        (names.RATIO_NUMERATOR, "numerator", "The upper side of a ratio, summed up."),
        (names.RATIO_DENOMINATOR, "denominator", "The lower side of a ratio, summed up."),
    ):
        yield _named(name, says, [({names.RATIO: rule.id}, known, side) for rule, known in counted])


def _measures(counted: list[tuple[MeasureRule, RuleCounters]]) -> Iterator[Metric]:
    for name in (names.MEASURED_SECONDS, names.MEASURED_BYTES, names.MEASURED_VALUES):
        family = HistogramFamily(name, "What a rule measures.")
        for rule, known in counted:
            if _MEASURED[rule.unit] == name and known.distribution is not None:
                family.add({names.RULE: rule.id}, known.distribution)
        yield family.family()


def _named(name: str, says: str, samples: list[tuple[Labels, RuleCounters, str]]) -> Metric:
    family = CounterFamily(name, says)
    for labels, known, key in samples:
        counted = known.named[key]
        family.add(labels, counted.value, counted.created, counted.exemplar)
    return family.family()
