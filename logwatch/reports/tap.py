"""Test Anything Protocol, version 14: a test point a rule.

What decides and does not pass is `not ok`; what decides nothing and does not pass is `not ok … # TODO`, which
harnesses do not count as a failure; info is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.evidence.escape import escape
from logwatch.reports.citations import excerpt, place, text_lines
from logwatch.reports.heading import judged
from logwatch.reports.outcome import Outcome, grounds, outcome
from logwatch.reports.safe_json import Json, dump
from logwatch.timespec import iso_millis
from logwatch.verdict.verdict import RuleVerdict, Verdict


def tap(verdict: Verdict) -> str:
    """Return the verdict as TAP; the last test point is what the verdict rests on."""
    lines = ["TAP version 14", f"1..{len(verdict.rules) + 1}"]
    lines.append(f"# {_escape(', '.join(judged(verdict)))}")
    for number, rule in enumerate(verdict.rules, 1):
        lines += _point(number, rule)
    reasons = grounds(verdict)
    lines.append(f"{'not ok' if reasons else 'ok'} {len(verdict.rules) + 1} - grounds of the verdict")
    lines += _diagnostics({"reasons": [escape(reason) for reason in reasons]}) if reasons else ()
    return "\n".join(lines) + "\n"


def _point(number: int, rule: RuleVerdict) -> Iterator[str]:
    out = outcome(rule)
    passed = out in {Outcome.OK, Outcome.INFO}
    directive = ""
    if out is Outcome.INFO:
        directive = " # SKIP info"
    elif not passed and not rule.decides:
        directive = f" # TODO {out.value}, decides nothing"
    said = _escape(f"{rule.id}: {rule.summary}")
    yield f"{'ok' if passed else 'not ok'} {number} - {said}{directive}"
    if not passed:
        yield from _diagnostics(
            {
                "severity": rule.severity.value,
                "verdict": rule.status.value,
                "title": escape(rule.title),
                "details": [escape(detail) for detail in rule.remarks],
                "evidence": [
                    {
                        "at": place(one),
                        "time": iso_millis(one.time) if one.time else None,
                        "role": escape(one.role),
                        "text": text_lines(one),
                    }
                    for one in excerpt(rule).shown
                ],
            }
        )


def _diagnostics(values: dict[str, Json]) -> Iterator[str]:
    """Yield a YAML block; its values are JSON, which is YAML on one line."""
    yield "  ---"
    for name, value in values.items():
        yield f"  {name}: {dump(value)}"
    yield "  ..."


def _escape(text: str) -> str:
    r"""A `#` would begin a directive; the standard escapes it and the backslash."""
    return escape(text).replace("\\", "\\\\").replace("#", "\\#")
