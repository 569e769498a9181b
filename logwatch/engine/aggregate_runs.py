"""Aggregation of runs to the tallies of pairs and keyed sequences. Exact whatever the order of arrival."""

from __future__ import annotations

import copy
from array import array
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import msgspec

from logwatch.engine.aggregate import Aggregator
from logwatch.engine.attribution import Attribution
from logwatch.engine.plain_runs import COMPLETED, ENQUEUED, FAILED, ROLES, SKIPPED, PlainRuns, Rows
from logwatch.engine.run import Oddity, Outcome, Run, Stray
from logwatch.engine.samples import Citations
from logwatch.engine.sums import Numbers, Sums, numbers
from logwatch.engine.tally import RunCounts, RunTally
from logwatch.records.coverage import Window
from logwatch.ruleset.model import PairRule, SequenceRule
from logwatch.timespec import time_of

_ON_THE_WAY = frozenset({Outcome.COMPLETED, Outcome.SKIPPED, Outcome.IN_FLIGHT})
"""Outcomes of runs that did not stop at the last step that they reached."""

_MICROSECONDS = 1_000_000
_NAMES = {outcome: outcome.value for outcome in Outcome}


class RunSums(Sums):
    """Runs and strays by their names, numbers in seconds; `citations` are those of runs in trouble."""

    counts: Counter[str] = msgspec.field(default_factory=Counter)
    older_counts: Counter[str] = msgspec.field(default_factory=Counter)
    stopped: Counter[str] = msgspec.field(default_factory=Counter)
    steps: Counter[str] = msgspec.field(default_factory=Counter)
    durations: Numbers = msgspec.field(default_factory=numbers)
    ends: Numbers = msgspec.field(default_factory=numbers)
    late: Numbers = msgspec.field(default_factory=numbers)
    in_flight: list[datetime] = msgspec.field(default_factory=list)
    first_completed: int = 0
    first_judged: int = 0
    successes: Citations = msgspec.field(default_factory=lambda: Citations(kept=1))

    def include(self, other: Sums) -> None:
        """Add what `other` holds."""
        assert isinstance(other, RunSums)
        Sums.include(self, other)
        for mine, theirs in (
            (self.counts, other.counts),
            (self.older_counts, other.older_counts),
            (self.stopped, other.stopped),
            (self.steps, other.steps),
        ):
            mine.update(theirs)
        self.durations.extend(other.durations)
        self.ends.extend(other.ends)
        self.late.extend(other.late)
        self.in_flight.extend(other.in_flight)
        self.first_completed += other.first_completed
        self.first_judged += other.first_judged
        self.successes.include(other.successes)


class RunAggregator(Aggregator[RunSums]):
    """pair, keyed sequence: runs whose last start lies in the window, by outcome."""

    def __init__(self, attribution: Attribution, rule: PairRule | SequenceRule) -> None:
        super().__init__(attribution, RunSums())
        self._approximate = not rule.key
        self._steps = tuple(step.name for step in rule.steps) if isinstance(rule, SequenceRule) else ()

    def timeout(self, moment: datetime | None) -> None:
        """Note that a pattern ran out of time on a record; one outside the window may belong to a run in it."""
        self.sums.timeouts += 1

    def add(self, found: Run | Stray) -> None:
        """Count one run or stray."""
        if isinstance(found, Run):
            self._run(found)
        else:
            self._stray(found)

    def add_plain(self, runs: PlainRuns) -> None:
        """Count runs of one attempt that ended in time, which lie in the window and are of the judged deployment."""
        sums, rows, starts = self.sums, runs.rows, runs.starts
        if not starts:
            return
        counts, moments = sums.counts, rows.moments
        outcomes = [rows.roles[start + 1] for start in starts]
        completed = [start for start, role in zip(starts, outcomes, strict=True) if role == COMPLETED]
        ended = [moments[start + 1] for start in completed]
        counts["started"] += len(starts)
        counts["attempts"] += len(starts)
        for role in set(outcomes):
            counts[ROLES[role]] += outcomes.count(role)
        counts[Oddity.DUPLICATE_END.value] += len(moments) - rows.roles.count(ENQUEUED) - 2 * len(starts)
        sums.first_judged += len(starts) - outcomes.count(SKIPPED)
        sums.first_completed += len(completed)
        sums.durations.extend(
            [(end - moments[start]) / _MICROSECONDS for start, end in zip(completed, ended, strict=True)]
        )
        sums.ends.extend([end / _MICROSECONDS for end in ended])
        began = [moments[start] for start in starts]
        for moment in (min(began), max(began)):
            sums.span.add(time_of(moment))
        for start in _first_and_last(completed, rows):
            sums.successes.add(runs.evidence(start), runs.evidence(start + 1))
        for start, role in zip(starts, outcomes, strict=True):
            if role == FAILED:
                sums.citations.add(runs.evidence(start), runs.evidence(start + 1))

    def including(self, unfinished: Iterable[Run | Stray]) -> RunAggregator:
        """Return a copy that counts these as well."""
        other = copy.copy(self)
        other.sums = copy.deepcopy(self.sums)
        for found in unfinished:
            other.add(found)
        return other

    def _run(self, run: Run) -> None:
        sums, attribution, outcome = self.sums, self._attribution, run.outcome
        if attribution.names and attribution.run_is_older(run):
            sums.older += 1
            sums.older_counts.update(("started", outcome.value))
            return
        if run.starts[-1] not in attribution.bounds:
            return
        counts = sums.counts
        counts["started"] += 1
        counts[_NAMES[outcome]] += 1
        counts["skewed"] += run.skewed
        self.attempts(run)
        if self._steps:
            self._reached(run)
        if run.start.time is not None:
            self._timed(run)
        if outcome is Outcome.COMPLETED:
            citations = sums.successes
        elif outcome is Outcome.FAILED or outcome is Outcome.TIMED_OUT:
            citations = sums.citations
        else:
            return
        if run.end is not None:
            citations.add(run.start, run.end)
        else:
            citations.add(run.start)

    def attempts(self, run: Run) -> None:
        """Count those starts of a run that lie inside, and nothing else of it."""
        sums, bounds = self.sums, self._attribution.bounds
        for start in run.starts:
            sums.counts["attempts"] += start in bounds
        if run.first_attempt_completed is not None and run.starts[0] in bounds:
            sums.first_judged += 1
            sums.first_completed += run.first_attempt_completed

    def _reached(self, run: Run) -> None:
        last = self._steps.index(run.stopped_at) if run.stopped_at else len(self._steps) - 1
        self.sums.steps.update(self._steps[: last + 1])
        if run.outcome not in _ON_THE_WAY:
            self.sums.stopped[self._steps[last]] += 1

    def _timed(self, run: Run) -> None:
        """Take the times of a run whose records carry one."""
        sums = self.sums
        started, ended, outcome = run.starts[-1], run.ended, run.outcome
        sums.span.add(started)
        if run.late_by is not None:
            sums.late.append(run.late_by.total_seconds())
        if outcome is Outcome.IN_FLIGHT:
            sums.in_flight.append(started)
        if outcome is Outcome.COMPLETED and ended is not None:
            sums.durations.append((ended - started).total_seconds())
            sums.ends.append(ended.timestamp())

    def _stray(self, stray: Stray) -> None:
        """Count one record that fits no run, if it (or the run that it ends too late) lies in the window."""
        moment = stray.started or stray.time
        if moment not in self._attribution.bounds or not self._attribution.judges(stray.deployment):
            return
        if stray.late_by is None:
            self.sums.counts[stray.oddity.value] += 1
        else:
            self.sums.late.append(stray.late_by.total_seconds())

    def tally(self, window: Window) -> RunTally:
        """Return the counts by outcome, durations of completed runs and ages of those in flight."""
        sums = self.sums
        ages = ((window.as_of - start).total_seconds() for start in sums.in_flight)
        common = self._common()
        return RunTally(
            **{**common, "evidence": common["evidence"] or sums.successes.all()},
            counts=RunCounts(**sums.counts),
            durations=array("d", sorted(sums.durations)),
            in_flight_ages=array("d", sorted(ages)),
            ends=array("d", sorted(sums.ends)),
            late=array("d", sorted(sums.late)),
            first_attempts=(sums.first_completed, sums.first_judged),
            approximate=self._approximate,
            stopped_at=dict(sums.stopped),
            steps={step: sums.steps[step] for step in self._steps},
            older_counts=RunCounts(**sums.older_counts),
        )


def _first_and_last(starts: list[int], rows: Rows) -> list[int]:
    """Return the first and the last of some rows, in the order of time and place."""
    moments, ordinals = rows.moments, rows.ordinals
    began = [moments[start] for start in starts]
    ends = {min(began), max(began)} if began else set()
    some = [start for start, moment in zip(starts, began, strict=True) if moment in ends]
    some.sort(key=lambda start: (moments[start], abs(ordinals[start])))
    return [*some[:1], *some[1:][-1:]]
