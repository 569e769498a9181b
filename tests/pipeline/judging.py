"""What `logwatch check` says of a pipeline's log, by the shipped rules."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from logwatch.checking import Check, Request
from logwatch.config import Config
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.shipped import shipped_rules_dir
from logwatch.verdict.verdict import Status, Verdict

CRITICAL = (
    "unknown-workflow-stage",
    "missing-stage-field",
    "background-image-processor-error",
    "foreign-key-violation",
    "background-job",
    "background-image-run",
)


def judge(log: Path, as_of: str | None = None) -> Verdict:
    """Return the verdict over the whole log, at the default assurance."""
    now = datetime.now(UTC)
    request = Request(names=(str(log),), as_of=as_of)
    return Check(request, Config(), load_rules((shipped_rules_dir(),)), now).ask(now).verdict


def statuses(verdict: Verdict) -> dict[str, Status]:
    """Return how each rule was judged."""
    return {rule.id: rule.status for rule in verdict.rules}


def failing(verdict: Verdict) -> set[str]:
    """Return the rules that failed."""
    return {rule for rule, status in statuses(verdict).items() if status is Status.FAIL}
