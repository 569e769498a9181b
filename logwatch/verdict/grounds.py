"""What a rule's judgement rests on, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from logwatch.engine.tally import RunTally, Tally
from logwatch.records.coverage import Coverage, Window
from logwatch.ruleset.model import ForbidRule, RuleSet
from logwatch.verdict.verdict import Assurance, Counts, Exposure, Quantiles, Rate, Status


class Grounds(msgspec.Struct, frozen=True):
    """All that judges may look at besides the rule and its own tally.

    `proven` says whether a forbid's samples match. `baseline` holds the tallies of the pinned window, where
    one was given.
    """

    ruleset: RuleSet
    tallies: Mapping[str, Tally]
    coverage: Coverage
    window: Window
    assurance: Assurance
    baseline: Mapping[str, Tally] | None
    proven: Callable[[ForbidRule], bool]

    @property
    def damaged(self) -> bool:
        """Whether a source could not be read whole."""
        return bool(self.coverage.damaged)

    def reject(self, own: float | None) -> float:
        """R: the rule's own, else the assurance's."""
        return self.assurance.reject if own is None else own

    def runs(self, rule: str) -> RunTally:
        """The runs of a pair or sequence in the window."""
        return _runs(self.tallies, rule)

    def before(self, rule: str) -> Tally | None:
        """The rule's tally of the baseline, None without one."""
        return self.baseline.get(rule) if self.baseline is not None else None

    def runs_before(self, rule: str) -> RunTally | None:
        """The runs of a pair or sequence in the baseline, None without one."""
        return _runs(self.baseline, rule) if self.baseline and rule in self.baseline else None


def _runs(tallies: Mapping[str, Tally], rule: str) -> RunTally:
    tally = tallies[rule]
    if not isinstance(tally, RunTally):
        raise TypeError(f"rule '{rule}' has no runs; the loader links only rules that do")
    return tally


class Part(msgspec.Struct, frozen=True):
    """One judged part of a rule. `status` None: it decides nothing."""

    status: Status | None
    text: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's judgement as its kind makes it, before the state of the sources has its say. Fields as in
    `RuleVerdict`.
    """

    status: Status
    summary: str
    counts: Counts
    details: tuple[str, ...] = ()
    rate: Rate | None = None
    first_attempt_rate: float | None = None
    quantiles: Quantiles | None = None
    exposure: Exposure | None = None


_BADNESS = (Status.INFO, Status.PASS, Status.INCONCLUSIVE, Status.FAIL)


def worst(parts: Iterable[Part]) -> Status:
    """Return the worst status of some parts: fail, inconclusive, pass; info if none of them decides."""
    return max((part.status for part in parts if part.status), key=_BADNESS.index, default=Status.INFO)
