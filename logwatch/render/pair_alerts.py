"""Alerts of pairs: success against its target, runs that are stuck or never ended, durations.

Success is judged by how fast the error budget burns, over a long and a short window at once (Google, The Site
Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts"): 14.4 times over 1 h and 5 m, 6 times over 6 h
and 30 m. The short window ends the alert soon after the cause has ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from logwatch.render.alert import Alert, Case, Watch
from logwatch.render.annotations import Value
from logwatch.render.promql import duration, number, series
from logwatch.render.recordings import BURN_WINDOWS, errors, judged
from logwatch.render.remedy import LEAST_RUNS, MINUTE, RECENT, runbook
from logwatch.ruleset.model import PairRule, Severity
from logwatch.serve import names
from logwatch.verdict.wording import level


@dataclass(frozen=True, slots=True)
class _Quantile:
    """A quantile of durations. `least_runs`: the fewest that tell, as in `check`."""

    alert: str
    share: float
    said: str
    least_runs: int


_MEDIAN = _Quantile("LogwatchMedianSlow", 0.5, "the median", LEAST_RUNS)
_TAIL = _Quantile("LogwatchTailSlow", 0.95, "the 95th percentile", 59)


@dataclass(frozen=True, slots=True)
class _Burn:
    """One pair of windows. `share`: the share of errors above which the budget burns too fast."""

    short: timedelta
    long: timedelta
    share: float

    @property
    def least_runs(self) -> int:
        """The floor on traffic: so many that one error among them is not too many yet."""
        return max(LEAST_RUNS, ceil(1 / self.share))

    def expr(self, at: dict[str, str]) -> str:
        share = number(self.share)
        return (
            f"  {series(errors(self.long), at)} > {share}\n"
            f"  and {series(errors(self.short), at)} > {share}\n"
            f"  and {series(judged(self.long), at)} >= {self.least_runs}\n"
        )


def _burns(target: float) -> tuple[_Burn, _Burn]:
    """Return the fast and the slow burn for a target.

    The budget of a low target cannot burn so many times too fast: there, half the runs are too many errors in the short
    run and a quarter in the long run, but never fewer than the budget itself.
    """
    budget = 1 - target
    short, middle, hour, long = BURN_WINDOWS
    return (
        _Burn(short, hour, max(budget, min(14.4 * budget, 0.5))),
        _Burn(middle, long, max(budget, min(6 * budget, 0.25))),
    )


def pair_alerts(rule: PairRule, watch: Watch) -> Iterator[Alert]:
    """Yield the alerts of one pair."""
    yield _burning(rule, watch)
    yield _stuck(rule, watch)
    yield _timed_out(rule, watch)
    if rule.duration is not None:
        for quantile, limit in ((_MEDIAN, rule.duration.p50), (_TAIL, rule.duration.p95)):
            if limit is not None:
                yield _slow(rule, quantile, limit, watch)


def _burning(rule: PairRule, watch: Watch) -> Alert:
    at, target = {names.PAIR: rule.id}, rule.objective.target
    fast, slow = _burns(target)
    few, busy = fast.least_runs - 1, max(10, slow.least_runs)  # runs, and runs a minute
    soon, late = 15 * MINUTE, 75 * MINUTE
    labels = {**at, "job": watch.job}

    def runs(completed: str, failed: str) -> dict[str, str]:
        return {
            series(names.PAIR_COMPLETED, at, watch.target): completed,
            series(names.PAIR_FAILED, at, watch.target): failed,
            series(names.PAIR_TIMED_OUT, at, watch.target): "0x80",
        }

    def steady(share: float) -> dict[str, str]:
        return runs(f"0+{number(busy * (1 - share))}x80", f"0+{number(busy * share)}x80")

    between = (fast.share + slow.share) / 2
    slowly = Case("errors that use the budget up slowly", steady(between), late, labels, between)
    return Alert(
        name="LogwatchErrorBudgetBurn",
        expr=f"(\n{fast.expr(at)})\nor\n(\n{slow.expr(at)})",
        severity=rule.severity,
        labels={"rule": rule.id},
        summary=(f"{rule.title}: ", Value.PERCENT, f" do not, target {level(target)}"),
        description=(rule.description,),
        runbook=runbook(rule),
        fires=(
            Case("every run fails", steady(1), soon, labels, 1),
            *((slowly,) if fast.share > slow.share else ()),
        ),
        quiet=(
            Case("every run completes", steady(0), soon),
            Case("fewer errors than the target allows", steady(0.9 * (1 - target)), late),
            Case("one error in little traffic", runs(f"0x5 {few - 1}x70", "0x12 1x63"), soon),
            Case("too few runs to tell", runs("0x80", f"0x12 {LEAST_RUNS - 1}x63"), soon),
            Case("errors that have ended", runs(f"0x40 0+{busy}x40", f"0+{busy}x40 {40 * busy}x40"), late),
        ),
    )


def _stuck(rule: PairRule, watch: Watch) -> Alert:
    at = {names.PAIR: rule.id, **watch.target}
    oldest, hold = series(names.PAIR_OLDEST_START, at), 2 * MINUTE
    age, begun = rule.timeout + 5 * MINUTE, number((5 * MINUTE - rule.timeout).total_seconds())
    return Alert(
        name="LogwatchRunStuck",
        # a run whose timeout has passed is counted as timed out, unless the log is too far behind to tell
        expr=(
            f"time() - {series(names.PAIR_OLDEST_START, {names.PAIR: rule.id})}"
            f" > {number(rule.timeout.total_seconds())}"
        ),
        severity=rule.severity,
        hold=hold,
        labels={"rule": rule.id},
        summary=(
            f"{rule.title}: one has been in flight for ",
            Value.DURATION,
            f", past its timeout of {duration(rule.timeout)}",
        ),
        description=(rule.description,),
        runbook=runbook(rule),
        fires=(
            Case(
                "a start and nothing after it", {oldest: f"{begun}x10"}, 10 * MINUTE, at, age.total_seconds()
            ),
        ),
        quiet=(
            Case("starts that end", {oldest: f"{begun}+60x10"}, 10 * MINUTE),
            Case("a start that ends", {oldest: f"{begun}x6 stale"}, 10 * MINUTE),
        ),
    )


def _timed_out(rule: PairRule, watch: Watch) -> Alert:
    at = {names.PAIR: rule.id}
    counter = series(names.PAIR_TIMED_OUT, at, watch.target)
    return Alert(
        name="LogwatchRunTimedOut",
        expr=f"sum without (instance) (increase({series(names.PAIR_TIMED_OUT, at)}[{duration(RECENT)}])) > 0",
        # that one did not end is worth a look; that too many do not is what the error budget tells
        severity=Severity.INFO if rule.severity is Severity.INFO else Severity.WARNING,
        labels={"rule": rule.id},
        summary=(
            f"{rule.title}: ",
            Value.COUNT,
            f" without an outcome within {duration(rule.timeout)}, in {duration(RECENT)}",
        ),
        description=(rule.description,),
        runbook=runbook(rule),
        fires=(Case("one timed out", {counter: "0x9 1x20"}, 12 * MINUTE, {**at, "job": watch.job}, 1),),
        quiet=(Case("none timed out lately", {counter: "0x9 1x40"}, 30 * MINUTE),),
    )


def _slow(rule: PairRule, quantile: _Quantile, limit: float, watch: Watch) -> Alert:
    at, hold = {names.PAIR: rule.id}, 5 * MINUTE
    bucket, count = f"{names.PAIR_DURATION}_bucket", f"{names.PAIR_DURATION}_count"
    least = quantile.least_runs

    def runs(within: str, every: str) -> dict[str, str]:
        ladder = {number(limit): within, number(3 * limit): every, "+Inf": every}
        buckets = {series(bucket, at, {"le": le}, watch.target): values for le, values in ladder.items()}
        return {**buckets, series(count, at, watch.target): every}

    return Alert(
        name=quantile.alert,
        expr=(
            f"histogram_quantile({quantile.share}, sum without (instance) (rate({series(bucket, at)}[1h])))"
            f" > {number(limit)}\n"
            f"and sum without (instance) (increase({series(count, at)}[1h])) >= {least}"
        ),
        severity=rule.severity,
        hold=hold,
        labels={"rule": rule.id},
        summary=(
            f"{rule.title}: {quantile.said} of durations is ",
            Value.DURATION,
            f", limit {duration(timedelta(seconds=limit))}",
        ),
        description=(rule.description,),
        runbook=runbook(rule),
        fires=(
            Case(
                "every run takes longer",
                runs("0x70", "0+9x70"),
                20 * MINUTE,
                {**at, "job": watch.job},
                limit * (1 + 2 * quantile.share),
            ),
        ),
        quiet=(
            Case("every run is within the limit", runs("0+9x70", "0+9x70"), 20 * MINUTE),
            Case("too few runs to tell", runs("0x70", f"0x9 {least - 1}x20"), 20 * MINUTE),
        ),
    )
