"""One life of a key while the correlator holds it, and the run that it becomes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import msgspec

from logwatch.engine.losses import Losses
from logwatch.engine.match import Key, Match
from logwatch.engine.run import Outcome, Run

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


def later(moment: datetime, span: timedelta) -> datetime:
    """Return `moment + span`, or the end of time where that overflows."""
    try:
        return moment + span
    except OverflowError:
        return FAR_FUTURE


class InFlight(msgspec.Struct, frozen=True):
    """Of the runs that are not final (`open`), those in flight, and the last start of the oldest of them."""

    open: int
    running: int
    oldest: datetime | None

    @classmethod
    def among(
        cls, starts: Collection[tuple[datetime, datetime]], open_runs: int, as_of: datetime
    ) -> InFlight:
        """Return it of runs without an end, each with its last start and its deadline."""
        running = [start for start, deadline in starts if deadline > as_of]
        return cls(open_runs, len(running), min(running, default=None))


class Life(msgspec.Struct, eq=False, gc=False):
    """A run in the making: its attempts so far and the end of the last one, if that was seen.

    `number` counts the lives of a rule. `start` is the last start, `starts` are the times of all. `announced`
    says that an enqueued record belongs to its first start.
    """

    number: int
    key: Key
    start: Match
    deadline: datetime
    starts: list[datetime]
    announced: bool = False
    end: Match | None = None
    first_attempt_completed: bool | None = None
    skewed: bool = False

    def restart(self, match: Match, deadline: datetime) -> None:
        """Count `match` as a further attempt of the same run."""
        if len(self.starts) == 1:
            self.first_attempt_completed = False
        self.start, self.deadline, self.end = match, deadline, None
        self.starts.append(match.time)

    def close(self, match: Match) -> None:
        """Take `match` as the end of the current attempt."""
        self.end = match
        if len(self.starts) == 1 and match.role != Outcome.SKIPPED:
            self.first_attempt_completed = match.role == Outcome.COMPLETED and match.time <= self.deadline

    def outcome(self, as_of: datetime, losses: Losses) -> Outcome:
        """What the life amounts to, seen from `as_of`."""
        if self.end is not None:
            return _OUTCOMES[self.end.role] if self.end.time <= self.deadline else Outcome.TIMED_OUT
        if losses.spans and losses.touch(self.start.source, self.start.time, self.deadline):
            return Outcome.UNKNOWN_GAP
        return Outcome.TIMED_OUT if self.deadline <= as_of else Outcome.IN_FLIGHT

    def run(self, outcome: Outcome) -> Run:
        """Return the frozen run, with the given outcome.

        An end logged before its start ends it as it starts.
        """
        ended = None if self.end is None else max(self.end.time, self.start.time)
        first = self.first_attempt_completed
        if first is None and outcome is Outcome.TIMED_OUT:
            first = False
        return Run(
            rule=self.start.rule,
            key=self.key,
            outcome=outcome,
            starts=tuple(self.starts),
            start=self.start.evidence,
            deadline=self.deadline,
            ended=ended,
            end=self.end.evidence if self.end else None,
            late_by=ended - self.deadline if ended is not None and ended > self.deadline else None,
            first_attempt_completed=first,
            skewed=self.skewed,
            deployment=self.start.deployment,
        )
