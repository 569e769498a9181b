"""The Markdown that GitHub shows on the page of a run: a table of the rules, and proof of what went wrong."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from logwatch.evidence.escape import escape
from logwatch.reports.citations import citation_lines
from logwatch.reports.heading import judged
from logwatch.reports.outcome import Outcome, grounds, outcome, sentence, worst_first
from logwatch.verdict.verdict import RuleVerdict, Status, Verdict

LIMIT = 1_000_000
"""Bytes of one summary. GitHub refuses what is larger than 1 MiB."""

_SIGNS = {
    Outcome.FAILED: "❌ failed",
    Outcome.INCONCLUSIVE: "❔ inconclusive",
    Outcome.WARNING: "⚠️ warning",
    Outcome.OK: "✅ ok",
    Outcome.INFO: "ℹ️ info",
}
_VERDICTS = {Status.PASS: "✅", Status.FAIL: "❌", Status.INCONCLUSIVE: "❔"}
_COLUMNS = 300
_MORE = "\n… the rest found no room here; see the log of the step.\n"

# What Markdown, or GitHub's additions to it, could take for more than text: markup, cells, links, mentions,
# emoji, mathematics; at the beginning a list. As a number it is text and nothing else.
_MARKUP = re.compile(r"[&<>\"'|\\`*_~\[\]!#$@:{}^=+]|(?i:www)(?=\.)|\A(?:-|\d+(?=[.)]))")


def github_summary(verdict: Verdict) -> str:
    """Return the Markdown of `verdict`, at most 1 MB of it; what is left out then is said."""
    summary = ""
    size = len(_MORE.encode())
    for piece in _pieces(verdict):
        size += len(piece.encode())
        if size > LIMIT:
            return summary + _MORE
        summary += piece
    return summary


def markdown(text: str) -> str:
    """Return `text` on one line of Markdown, where it is nothing but text."""
    return _MARKUP.sub(lambda match: "".join(f"&#{ord(char)};" for char in match.group()), escape(text))


def _pieces(verdict: Verdict) -> Iterator[str]:
    """Yield the summary in pieces of which each is whole Markdown."""
    yield f"### {_VERDICTS[verdict.status]} logwatch: {verdict.status.value}\n\n"
    yield f"{markdown(sentence(verdict))}\n\n{markdown(', '.join(judged(verdict)))}\n\n"
    yield from (f"* {markdown(remark)}\n" for remark in (*grounds(verdict), *verdict.notes))
    yield "\n| verdict | rule | figure |\n| --- | --- | --- |\n"
    for rule in verdict.rules:
        yield f"| {_SIGNS[outcome(rule)]} | {markdown(rule.id)} | {markdown(rule.summary)} |\n"
    yield from filter(None, (_proof(rule, verdict) for rule in worst_first(verdict)))


def _proof(rule: RuleVerdict, verdict: Verdict) -> str:
    """Return what opens under the table. After a blank line, `pre` holds to its end, whatever is in it."""
    lines = [*map(escape, rule.remarks), *citation_lines(rule, verdict.window, width=_COLUMNS)]
    if not lines:
        return ""
    shown = "\n".join(html.escape(line) for line in lines)
    title = f"{rule.id}: {rule.title}" if rule.title else rule.id
    return f"\n<details><summary>{markdown(title)}</summary>\n\n<pre>\n{shown}\n</pre>\n\n</details>\n"
