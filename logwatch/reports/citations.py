"""The log lines that a report shows under a rule: the first few and the last few, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import msgspec

from logwatch.evidence import Evidence
from logwatch.evidence.escape import escape
from logwatch.records.coverage import Window
from logwatch.reports.columns import cells, cut
from logwatch.ruleset.model import Kind
from logwatch.verdict.verdict import RuleVerdict, Status
from logwatch.verdict.wording import moment

_FIRST, _LAST = 3, 2
_LINES = 5
_TAB = 4
BAR = "  | "
"""What the further lines of a record begin with."""
_NARROW = 20
RUNS = {Kind.PAIR, Kind.SEQUENCE}
"""Kinds that are judged by runs."""


class Excerpt(msgspec.Struct, frozen=True):
    """Evidence in groups (a run's start and its end stay together), and how many groups lie between."""

    first: tuple[tuple[Evidence, ...], ...]
    omitted: int
    last: tuple[tuple[Evidence, ...], ...]

    @property
    def shown(self) -> tuple[Evidence, ...]:
        """All that is shown, in order."""
        return tuple(chain.from_iterable((*self.first, *self.last)))


def is_troubled(rule: RuleVerdict) -> bool:
    """Whether the rule's evidence is of trouble: it fails, or runs of it failed although it passes."""
    return rule.status is Status.FAIL or _lost_runs(rule) > 0


def excerpt(rule: RuleVerdict, *, everything: bool = False) -> Excerpt:
    """Return what is shown of the rule's evidence: three groups and two; `everything`: all that was kept.

    Nothing of a rule whose evidence is of no trouble, unless everything is asked for.
    """
    groups = _groups(rule.evidence) if everything or is_troubled(rule) else ()
    n = len(groups)
    # what was kept of many is the first few and the last few, half and half
    first = (n + 1) // 2 if everything else min(n, _FIRST)
    last = n - first if everything else min(n - first, _LAST)
    total = max(_total(rule), n) if n else 0
    return Excerpt(groups[:first], total - first - last, groups[n - last :])


def citation_lines(
    rule: RuleVerdict, window: Window, *, everything: bool = False, width: int | None = None
) -> Iterator[str]:
    """Yield the lines of the rule's excerpt: `worker.log:12  17:29:32Z  text`, lines that go on after a bar.

    All of it is safe to print. Log text is cut to `width` columns; a bar keeps it from beginning a line.
    """
    shown = excerpt(rule, everything=everything)
    roles = any(evidence.role != "match" for evidence in shown.shown)
    for evidence in chain.from_iterable(shown.first):
        yield from _lines(evidence, window, roles, everything, width)
    if shown.omitted:
        yield f"… {shown.omitted:,} more"
    for evidence in chain.from_iterable(shown.last):
        yield from _lines(evidence, window, roles, everything, width)


def place(evidence: Evidence) -> str:
    """Return where the evidence stands: `worker.log:12`, or `worker.log@9876` by its byte, safe to print."""
    at = f":{evidence.line}" if evidence.line else f"@{evidence.offset}"
    return escape(evidence.source) + at


def text_lines(evidence: Evidence) -> list[str]:
    """Return the lines of the cited text that are not blank, each safe to print; at least one."""
    lines = (line.rstrip().expandtabs(_TAB) for line in evidence.text.split("\n"))
    return [escape(line) for line in lines if line] or [""]


def _lines(
    evidence: Evidence, window: Window, roles: bool, everything: bool, width: int | None
) -> Iterator[str]:
    head = [place(evidence), moment(evidence.time, window) if evidence.time else "no time"]
    if roles:
        head.append(escape(evidence.role))
    start = "  ".join(head)
    text = text_lines(evidence)
    kept = len(text) if everything or len(text) <= _LINES else _LINES - 1
    beside = width is None or cells(start) <= width // 2
    if beside:
        yield f"{start}  {cut(text[0], width and width - cells(start) - 2)}".rstrip()
    else:  # a long place gets a line of its own
        yield start
    for line in text[beside:kept]:
        yield BAR + cut(line, width and max(width - len(BAR), _NARROW))
    if kept < len(text):
        yield f"{BAR}… {len(text) - kept} more lines"


def _groups(evidence: tuple[Evidence, ...]) -> tuple[tuple[Evidence, ...], ...]:
    """A group begins wherever the role of the first comes again."""
    groups: list[tuple[Evidence, ...]] = []
    for one in evidence:
        if one.role == evidence[0].role:
            groups.append((one,))
        else:
            groups[-1] += (one,)
    return tuple(groups)


def _total(rule: RuleVerdict) -> int:
    if rule.kind in RUNS:
        return _lost_runs(rule)
    matches = (rule.counts or {}).get("matches")
    return matches if isinstance(matches, int) else 0


def _lost_runs(rule: RuleVerdict) -> int:
    counts = (rule.counts or {}) if rule.kind in RUNS else {}
    return sum(n for name in ("failed", "timed_out") if isinstance(n := counts.get(name), int))
