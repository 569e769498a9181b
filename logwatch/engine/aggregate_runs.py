"""Aggregation of runs: to the tallies of pairs and sequences. Exact whatever the order of arrival."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from datetime import datetime

from logwatch.engine.attribution import Attribution
from logwatch.engine.match import Match
from logwatch.engine.run import Oddity, Outcome, Run, Stray
from logwatch.engine.samples import Citations, Span
from logwatch.engine.tally import RunCounts, RunTally
from logwatch.records.coverage import Window
from logwatch.ruleset.model import SequenceRule


class RunAggregator:
    """pair, keyed sequence: runs whose last start lies in the window, by outcome."""

    def __init__(self, attribution: Attribution, *, approximate: bool) -> None:
        self._attribution = attribution
        self._approximate = approximate
        self._counts: Counter[str] = Counter()
        self._older: Counter[str] = Counter()
        self._stopped: Counter[str] = Counter()
        self._durations, self._ends, self._late = array("d"), array("d"), array("d")
        self._in_flight: list[datetime] = []
        self._first_completed = self._first_judged = 0
        self._span = Span()
        self._troubles, self._successes = Citations(), Citations(kept=1)

    def run(self, run: Run) -> None:
        """Count one final run."""
        bounds = self._attribution.bounds
        if self._attribution.run_is_older(run):
            self._older["started"] += 1
            self._older[run.outcome.value] += 1
            return
        if run.started not in bounds:
            return
        self._span.add(run.started)
        self._counts["started"] += 1
        self._counts[run.outcome.value] += 1
        self._counts["attempts"] += sum(start in bounds for start in run.starts)
        self._counts["skewed"] += run.skewed
        if run.first_attempt_completed is not None:
            self._first_judged += 1
            self._first_completed += run.first_attempt_completed
        if run.stopped_at is not None:
            self._stopped[run.stopped_at] += 1
        if run.late_by is not None:
            self._late.append(run.late_by.total_seconds())
        if run.outcome is Outcome.IN_FLIGHT:
            self._in_flight.append(run.started)
        if run.outcome is Outcome.COMPLETED:
            self._completed(run)
        elif run.outcome in {Outcome.FAILED, Outcome.TIMED_OUT}:
            self._troubles.add(run.start, *([run.end] if run.end else []))

    def _completed(self, run: Run) -> None:
        assert run.duration is not None
        assert run.ended is not None
        self._durations.append(run.duration.total_seconds())
        self._ends.append(run.ended.timestamp())
        self._successes.add(run.start, *([run.end] if run.end else []))

    def stray(self, stray: Stray) -> None:
        """Count one record that fits no run, if it lies in the window."""
        if stray.time not in self._attribution.bounds or not self._attribution.judges(stray.deployment):
            return
        if stray.oddity is Oddity.LATE_END:
            assert stray.late_by is not None
            self._late.append(stray.late_by.total_seconds())
        else:
            self._counts[stray.oddity.value] += 1

    def tally(self, window: Window, pattern_timeouts: int) -> RunTally:
        """Return the counts by outcome, durations of completed runs and ages of those in flight."""
        trouble = self._troubles.all()
        return RunTally(
            first=self._span.first,
            last=self._span.last,
            evidence=trouble or self._successes.all(),
            pattern_timeouts=pattern_timeouts,
            older=self._older["started"],
            counts=RunCounts(**self._counts),
            durations=array("d", sorted(self._durations)),
            in_flight_ages=array(
                "d", sorted((window.as_of - start).total_seconds() for start in self._in_flight)
            ),
            ends=array("d", sorted(self._ends)),
            late=array("d", sorted(self._late)),
            first_attempts=(self._first_completed, self._first_judged),
            approximate=self._approximate,
            stopped_at=dict(self._stopped),
            older_counts=RunCounts(**self._older),
        )


class FunnelAggregator:
    """A sequence without a key: records per step, and how many were lost from one step to the next.

    Lost at a step are the records of the step before up to as_of minus `within`, less those of the step and
    those skipped there.
    """

    def __init__(self, rule: SequenceRule, attribution: Attribution) -> None:
        self._rule = rule
        self._attribution = attribution
        self._times = {step.name: array("d") for step in rule.steps}
        self._skipped: Counter[str] = Counter()
        self._never = self._older = 0
        self._span = Span()
        self._citations = Citations()
        self._failures = Citations()

    def match(self, match: Match) -> None:
        """Count one record of a step, if it lies in the window."""
        if match.time not in self._attribution.bounds:
            return
        if self._attribution.match_is_older(match):
            self._older += 1
            return
        if match.role == "never":
            self._never += 1
            self._failures.add(match.evidence)
        elif match.role.startswith("skipped:"):
            self._skipped[match.role.removeprefix("skipped:")] += 1
        else:
            self._times[match.role].append(match.time.timestamp())
            self._span.add(match.time)
            self._citations.add(match.evidence)

    def tally(self, window: Window, pattern_timeouts: int) -> RunTally:
        """Return the funnel as runs.

        Those of the first step started, those of the last completed, the lost timed out.
        """
        as_of = window.as_of.timestamp()
        times = {name: sorted(moments) for name, moments in self._times.items()}
        lost: dict[str, int] = {}
        for before, step in zip(self._rule.steps, self._rule.steps[1:], strict=False):
            due = times[before.name]
            if step.within is not None:
                due = due[: bisect_right(due, as_of - step.within.total_seconds())]
            missing = len(due) - len(times[step.name]) - self._skipped[step.name]
            if missing > 0:
                lost[before.name] = missing
        started, completed = len(times[self._rule.steps[0].name]), len(times[self._rule.steps[-1].name])
        skipped, timed_out = sum(self._skipped.values()), sum(lost.values())
        return RunTally(
            first=self._span.first,
            last=self._span.last,
            evidence=self._failures.all() or self._citations.all(),
            pattern_timeouts=pattern_timeouts,
            older=self._older,
            counts=RunCounts(
                started=started,
                completed=completed,
                failed=self._never,
                skipped=skipped,
                timed_out=timed_out,
                in_flight=max(0, started - completed - self._never - skipped - timed_out),
                attempts=started,
            ),
            ends=array("d", times[self._rule.steps[-1].name]),
            approximate=True,
            stopped_at=lost,
            steps={name: len(moments) for name, moments in times.items()},
        )
