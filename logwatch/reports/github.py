"""GitHub Actions: annotations on the run. The table for its summary is in `github_summary`.

GitHub shows the first ten annotations of a kind that a step makes, so the worst come first.
"""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.evidence.escape import escape
from logwatch.reports.citations import citation_lines
from logwatch.reports.heading import judged
from logwatch.reports.outcome import grounds, outcome, sentence, worst_first
from logwatch.verdict.verdict import RuleVerdict, Verdict

_COLUMNS = 200
"""Of log text in an annotation, which GitHub shows small."""


def github(verdict: Verdict) -> str:
    """Return the verdict as workflow commands: `::error` for what decides, `::warning` for what does not.

    The line after them says the verdict.
    """
    errors = [annotation("error", *_told(rule, verdict)) for rule in worst_first(verdict) if rule.decides]
    errors += [annotation("error", "logwatch: inconclusive", escape(reason)) for reason in grounds(verdict)]
    warnings = [
        annotation("warning", *_told(rule, verdict)) for rule in worst_first(verdict) if not rule.decides
    ]
    said = f"logwatch: {verdict.status.value.upper()}  {escape(sentence(verdict))}"
    return "\n".join([*errors, *warnings, f"logwatch: {', '.join(judged(verdict))}", said]) + "\n"


def _told(rule: RuleVerdict, verdict: Verdict) -> Iterator[str]:
    """Yield the title and the message of a rule's annotation, both safe to print but for line ends."""
    yield f"{escape(rule.id)}: {outcome(rule).value}"
    proof = citation_lines(rule, verdict.window, width=_COLUMNS)
    yield "\n".join([escape(rule.summary), *map(escape, rule.remarks), *proof])


def annotation(level: str, title: str, message: str) -> str:
    """Return a workflow command that annotates the run; `level` is `error` or `warning`."""
    return f"::{level} title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
