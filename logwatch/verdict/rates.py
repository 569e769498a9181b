"""A success rate against its floor."""

from __future__ import annotations

from dataclasses import dataclass

from logwatch.verdict.statistics import clean_runs_needed, lower_bound, more_clean_runs, upper_bound
from logwatch.verdict.verdict import Rate, Status
from logwatch.verdict.wording import counted, level, percent

_WITH_FAILURES = 0.8
"""What a pass rules out at least where some failed."""


@dataclass(frozen=True, slots=True)
class Floor:
    """`target`: the share that is wanted; `reject`: a pass rules out that success is below this.

    `reject` is never above the target: a rate that exceeds its floor can pass whatever the assurance.
    """

    target: float
    reject: float

    @classmethod
    def of(cls, target: float, reject: float) -> Floor:
        """Return the floor with `reject` capped by the target."""
        return cls(target, min(reject, target))

    def required(self, successes: int, n: int) -> float:
        """The lower bound that a pass takes: `reject`; at least 80 % (or the target) where some failed."""
        if successes == n:
            return self.reject
        return min(max(self.reject, _WITH_FAILURES), self.target)

    def status(self, successes: int, n: int) -> Status:
        """Judge `successes` of `n`; nothing that could have failed is inconclusive."""
        if n == 0:
            return Status.INCONCLUSIVE
        if upper_bound(successes, n) < self.target:
            return Status.FAIL
        if lower_bound(successes, n) >= self.required(successes, n):
            return Status.PASS
        return Status.INCONCLUSIVE

    def rate(self, successes: int, n: int) -> Rate | None:
        """The rate with its bounds, None of nothing."""
        if n == 0:
            return None
        lower, upper = lower_bound(successes, n), upper_bound(successes, n)
        return Rate(successes / n, lower, upper, n, self.target, self.reject)

    def bound(self, successes: int, n: int, status: Status) -> str:
        """Say what the bound on `successes` of `n` means for `status`, the judgement of just these."""
        match status:
            case Status.FAIL:
                return f"at most {percent(upper_bound(successes, n))}, target {level(self.target)}"
            case Status.PASS:
                return f"rules out below {percent(lower_bound(successes, n))}"
        return f"inconclusive: {self.missing(successes, n)}"

    def missing(self, successes: int, n: int) -> str:
        """Say how many clean runs would make a pass of `successes` of `n`."""
        if n == 0:
            more = clean_runs_needed(self.reject) if self.reject < 1.0 else None
        else:
            more = more_clean_runs(successes, n, self.required(successes, n))
        if more is None:
            return "no number of clean runs rules out less than 100 %"
        return f"{counted(more, 'more clean run' if n else 'clean run')} would decide"
