"""A success rate against its floor."""

from __future__ import annotations

import msgspec

from logwatch.verdict.statistics import lower_bound, more_clean_runs, upper_bound
from logwatch.verdict.verdict import Rate, Status
from logwatch.verdict.wording import counted, level, percent

_WITH_FAILURES = 0.8
"""What a pass rules out at least where some failed."""


class Floor(msgspec.Struct, frozen=True):
    """`target`: the share that is wanted; `reject`: a pass rules out that success is below this."""

    target: float
    reject: float

    def required(self, successes: int, n: int) -> float:
        """The lower bound that a pass takes: `reject`; where some failed, at least 0.8."""
        return self.reject if successes == n else max(self.reject, _WITH_FAILURES)

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

    def bound(self, successes: int, n: int, *, clean: str = "") -> str:
        """Say what the bounds on `successes` of `n` rule out; n > 0.

        `clean` says what would decide, if not `more clean runs`.
        """
        status = self.status(successes, n)
        if status is Status.FAIL:
            upper = percent(upper_bound(successes, n), beside=self.target)
            return f"at most {upper} at 95 %, target {level(self.target)}"
        lower = lower_bound(successes, n)
        if status is Status.PASS:
            return f"rules out below {percent(lower)}"
        required = self.required(successes, n)
        ruled_out = f"rules out below {percent(lower, beside=required)}, {level(required)} needed"
        return f"{ruled_out}; {self.missing(successes, n, clean=clean)}"

    def missing(self, successes: int, n: int, *, clean: str = "") -> str:
        """Say how many more clean runs would make a pass of `successes` of `n`."""
        more = more_clean_runs(successes, n, self.required(successes, n))
        if more is None:
            return "no number of clean runs would decide"
        runs = f"{more:,} {clean}" if clean else counted(more, "more clean run" if n else "clean run")
        return f"{runs} would decide"
