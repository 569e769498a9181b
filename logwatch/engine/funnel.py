"""A sequence without a key: nothing tells which records belong together, so they are counted step by step."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from logwatch.engine.aggregate import MatchAggregator, Said
from logwatch.engine.attribution import Attribution
from logwatch.engine.match import Match
from logwatch.engine.roles import NEVER, SKIPPED
from logwatch.engine.samples import Citations
from logwatch.engine.sums import Numbers, Sums, numbers
from logwatch.engine.tally import RunCounts, RunTally
from logwatch.evidence import Evidence
from logwatch.records.coverage import Window
from logwatch.ruleset.model import SequenceRule, Step


class FunnelSums(Sums):
    """When records of each role came, those after the window included; citations of those in it. `undated` are
    those of which nobody knows when they came: they reach their step, and are never called lost.
    """

    times: dict[str, Numbers] = msgspec.field(default_factory=dict)
    undated: Counter[str] = msgspec.field(default_factory=Counter)
    never: int = 0
    failures: Citations = msgspec.field(default_factory=Citations)
    reached: dict[str, Citations] = msgspec.field(default_factory=dict)

    def cited(self) -> Iterator[Citations]:
        """Yield all citations."""
        yield from (self.citations, self.failures, *self.reached.values())

    def include(self, other: Sums) -> None:
        """Add what `other` holds."""
        assert isinstance(other, FunnelSums)
        Sums.include(self, other)
        for role, times in other.times.items():
            self.times.setdefault(role, numbers()).extend(times)
        self.undated.update(other.undated)
        self.never += other.never
        self.failures.include(other.failures)
        for role, citations in other.reached.items():
            self.reached.setdefault(role, Citations()).include(citations)


class FunnelAggregator(MatchAggregator[FunnelSums]):
    """Records per step, and how many were lost from one step to the next.

    Lost at a step are the records of the step before up to as_of minus `within`, less those of the step and
    those skipped there. What is logged after the window (as_of may lie there) is no record of it, but may be
    the next step of the window's last ones: so many of these are not called lost.
    """

    timed = True

    def __init__(self, attribution: Attribution, rule: SequenceRule) -> None:
        super().__init__(attribution, FunnelSums())
        self._steps = rule.steps

    def match(self, match: Match) -> None:
        """Count one record, if it lies in the window; note one that lies after it."""
        until = self._attribution.bounds.until
        if until is None or match.time <= until:
            super().match(match)
        elif self._attribution.match_is_older(match):
            return
        elif match.dated:
            self.note(match, (match.time.timestamp(),))
        else:
            self.sums.undated[match.role] += 1

    def count(self, said: Said, n: int) -> None:
        """Count records of one role: those that must not occur; the others are counted by their times."""
        self.sums.never += n * (said.role == NEVER)

    def cites(self, role: str, time: datetime) -> bool:
        """Whether a record of that time may be among the first that are cited."""
        reached = self.sums.reached.get(role)
        return super().cites(role, time) or reached is None or reached.early(time)

    def cite(self, role: str, evidence: Evidence) -> None:
        """Offer the evidence of a record, by its role as well."""
        super().cite(role, evidence)
        if evidence.time is None:
            self.sums.undated[role] += 1
        if role == NEVER:
            self.sums.failures.add(evidence)
        reached = self.sums.reached.get(role)
        if reached is None:
            reached = self.sums.reached[role] = Citations()
        reached.add(evidence)

    def note(self, said: Said, times: Sequence[float]) -> None:
        """Note when records of one role came."""
        known = self.sums.times.get(said.role)
        if known is None:
            known = self.sums.times[said.role] = numbers()
        known.extend(times)

    def tally(self, window: Window) -> RunTally:
        """Return the funnel as runs.

        Those of the first step started, those of the last completed (no more than started: what ended besides began
        elsewhere), the lost timed out. Evidence are the records that must not occur; else those of the steps after
        which some were lost, though nothing tells which.
        """
        times = {role: sorted(moments) for role, moments in self.sums.times.items()}
        inside = Counter({role: _up_to(window.until, moments) for role, moments in times.items()})
        inside.update(self.sums.undated)
        steps = {step.name: inside[step.name] for step in self._steps}
        lost = {
            before.name: missing
            for before, step in pairwise(self._steps)
            if (missing := _lost(before, step, times, window)) > 0
        }
        started, ended = steps[self._steps[0].name], steps[self._steps[-1].name]
        completed = min(started, ended)
        skipped = sum(inside[SKIPPED + step.name] for step in self._steps)
        timed_out, never = sum(lost.values()), self.sums.never
        common = self._common()
        return RunTally(
            **{**common, "evidence": self._failures(lost) or common["evidence"]},
            counts=RunCounts(
                started=started,
                completed=completed,
                failed=never,
                skipped=skipped,
                timed_out=timed_out,
                in_flight=max(0, started - completed - never - skipped - timed_out),
                attempts=started,
            ),
            ends=array("d", times.get(self._steps[-1].name, [])[:ended]),
            approximate=True,
            stopped_at=lost,
            steps=steps,
        )

    def _failures(self, lost: Iterable[str]) -> tuple[Evidence, ...]:
        if self.sums.never:
            return self.sums.failures.all()
        stopped = Citations()
        for step in lost:
            stopped.include(self.sums.reached.get(step, Citations()))
        return stopped.all()


def _lost(before: Step, step: Step, times: dict[str, list[float]], window: Window) -> int:
    """How many records of the step before are known to have no record of `step`; below zero: more came."""
    within = step.within or timedelta()
    came = times.get(before.name, [])
    due = min(_up_to(window.as_of - within, came), _up_to(window.until, came))
    late_ones = max(0, due - _up_to(window.until - within, came))
    arrived = later = 0
    for role in (step.name, SKIPPED + step.name):
        moments = times.get(role, [])
        arrived += _up_to(window.until, moments)
        later += _up_to(window.until + within, moments) - _up_to(window.until, moments)
    return due - arrived - min(late_ones, later)


def _up_to(moment: datetime, sorted_times: Sequence[float]) -> int:
    return bisect_right(sorted_times, moment.timestamp())
