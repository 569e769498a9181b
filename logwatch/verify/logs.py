"""Rules judged over the window of a deployment: the logs as the checklist asks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from logwatch.checking import Check, Request
from logwatch.config import Config
from logwatch.deploys import DeploymentWindow
from logwatch.engine.tally import Tally
from logwatch.evidence.escape import escape
from logwatch.reports.citations import BAR, citation_lines
from logwatch.reports.outcome import worst_first
from logwatch.ruleset.model import RuleSet
from logwatch.timespec import format_span
from logwatch.verdict.reading import begins_late
from logwatch.verdict.verdict import Assurance, RuleVerdict, Status, Verdict
from logwatch.verify.work import Context, Result, Window, failed, passed, unknown

_COLUMNS = 200
"""Of a cited line, which is kept."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which rules to judge, how much a pass must rule out (None: as configured), and what to compare with."""

    rules: tuple[str, ...]
    assurance: Assurance | None = None
    baseline: Mapping[str, Tally] | None = None


class Logs:
    """The configured sources, judged by the rules."""

    def __init__(self, config: Config, ruleset: RuleSet) -> None:
        self._config = config
        self._ruleset = ruleset

    @property
    def config(self) -> Config:
        """What is configured."""
        return self._config

    def ask(self, question: Question, window: Window, now: datetime) -> Verdict:
        """Return the verdict over the window, with what is known now. Raises `LogwatchError`."""
        request = Request(
            window=DeploymentWindow(window.deployment, window.until),
            only=question.rules,
            assurance=question.assurance,
            baseline=question.baseline,
        )
        return Check(request, self._config, self._ruleset, now).ask(now).verdict


def judge_logs(question: Question, context: Context) -> Result:
    """Return what the logs say of the window, in one line with the figures, and the lines that prove a fail.

    A pass needs logs that go back to the promotion, and a deployment that was live for as long as the item
    speaks of; a fail needs neither.
    """
    verdict = context.logs.ask(question, context.window, context.now)
    result = _result(verdict)
    if result.status is Status.FAIL:
        return result
    if context.window.replaced_by is not None:
        newer = context.window.replaced_by
        lived = format_span(context.window.span)
        said = f"replaced by {newer.label} after {lived}, before this was due"
        return unknown(said, result.summary, *result.details, again=False)
    missing = begins_late(verdict.coverage, verdict.window)
    if missing is not None and verdict.coverage.earliest is not None:
        return unknown(f"logs of that time are gone: {missing}", result.summary, *result.details)
    return result


def _result(verdict: Verdict) -> Result:
    summary = "; ".join(_figure(rule, alone=len(verdict.rules) == 1) for rule in _worst_first(verdict))
    match verdict.status:
        case Status.PASS:
            return passed(summary)
        case Status.FAIL:
            return replace(failed(summary, *_details(verdict)), evidence=_evidence(verdict))
        case _:
            said = {f"{rule.id}: {rule.summary}" for rule in verdict.rules}
            others = tuple(
                reason for reason in verdict.reasons if reason not in said and reason not in summary
            )
            return unknown("; ".join((*others, summary)), *_details(verdict))


def _worst_first(verdict: Verdict) -> list[RuleVerdict]:
    order = (Status.FAIL, Status.INCONCLUSIVE, Status.PASS, Status.INFO)
    return sorted(verdict.rules, key=lambda rule: order.index(rule.status))


def _figure(rule: RuleVerdict, *, alone: bool) -> str:
    return escape(rule.summary if alone else f"{rule.id}: {rule.summary}")


def _evidence(verdict: Verdict) -> tuple[str, ...]:
    """Return the lines that prove the fail, each record once although several rules may cite it."""
    records: dict[tuple[str, ...], None] = {}
    for rule in worst_first(verdict):
        record: tuple[str, ...] = ()
        for line in citation_lines(rule, verdict.window, width=_COLUMNS):
            if line.startswith(BAR):
                record = (*record, line)
            else:
                records[record] = None
                record = (line,)
        records[record] = None
    return tuple(line for record in records for line in record)


def _details(verdict: Verdict) -> tuple[str, ...]:
    return tuple(escape(detail) for rule in worst_first(verdict) for detail in rule.remarks)
