"""The report for people: one line a rule, proof under what failed, the verdict last."""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.evidence.escape import escape
from logwatch.records.coverage import SourceReport, Window
from logwatch.reports.citations import RUNS, citation_lines, is_troubled
from logwatch.reports.columns import cells, cut, flow, wrap
from logwatch.reports.heading import judged
from logwatch.reports.options import RenderOptions
from logwatch.reports.outcome import Outcome, grounds, outcome, sentence
from logwatch.ruleset.model import Kind
from logwatch.verdict.verdict import RuleVerdict, Status, Verdict
from logwatch.verdict.wording import NO_VALUE, counted, listed, moment

_WORDS = {
    Outcome.FAILED: "FAIL",
    Outcome.INCONCLUSIVE: "????",
    Outcome.WARNING: "warn",
    Outcome.OK: "ok",
    Outcome.INFO: "info",
}
_COLORS = {"FAIL": "1;31", "????": "1;33", "warn": "33", "ok": "32", "info": "36"}  # SGR: bold red, yellow, …
_VERDICTS = {Status.PASS: "ok", Status.FAIL: "FAIL", Status.INCONCLUSIVE: "????"}
_FAINT = "2"
_WORD = 6
"""Columns of the status word and the gap after it."""
_LABELS = 10
_LONGEST_LABEL = 60


def text(verdict: Verdict, options: RenderOptions) -> str:
    """Return the report for people, at most `options.width` columns wide where nothing would be lost by it.

    The first line says what was judged, the last one the verdict. Nothing in it can drive the terminal but
    the colours of `options.color`.
    """
    lines = [*_head(verdict, options), *_rules(verdict, options)]
    lines += _remarks(verdict, options)
    word = verdict.status.value.upper()
    last = wrap(escape(sentence(verdict)), options.width, f"{word}  ", " " * (len(word) + 2))
    last[0] = _paint(word, _COLORS[_VERDICTS[verdict.status]], options) + last[0].removeprefix(word)
    return "\n".join([*lines, *last]) + "\n"


def _head(verdict: Verdict, options: RenderOptions) -> list[str]:
    return flow(judged(verdict, options.age), options.width)


def _rules(verdict: Verdict, options: RenderOptions) -> Iterator[str]:
    ids = max((cells(escape(rule.id)) for rule in verdict.rules), default=0)
    for rule in verdict.rules:
        word = _WORDS[outcome(rule)]
        first = f"{word:<{_WORD}}{escape(rule.id):<{ids}}  "
        roomy = options.width is None or len(first) <= options.width // 2
        lines = wrap(escape(rule.summary), options.width, first, " " * (len(first) if roomy else _WORD + 2))
        yield _paint(word, _COLORS[word], options) + lines[0].removeprefix(word)
        yield from lines[1:]
        room = None if options.width is None else max(options.width - _WORD, 20)
        for line in _said_of(rule, options, room):
            yield _paint(" " * _WORD + line, _FAINT, options)
        if options.verbose or is_troubled(rule):
            for line in citation_lines(rule, verdict.window, everything=options.verbose, width=room):
                yield " " * _WORD + line


def _said_of(rule: RuleVerdict, options: RenderOptions, room: int | None) -> Iterator[str]:
    """Yield what is said under a rule: its title and labels where it does not pass, and details."""
    speaks = options.verbose or rule.status is not Status.PASS
    if speaks and rule.title and rule.title != rule.id:
        yield from wrap(escape(rule.title), room, "", "  ")
    if speaks and rule.by_label and rule.kind is not Kind.COUNT:  # a count's details name them
        yield from wrap(escape(_labels(rule)), room, "", "  ")
    # what stands beside a rate is always said, and so is what was kept out of it
    for remark in rule.remarks if speaks or rule.kind in RUNS else filter(None, (rule.older,)):
        yield from wrap(escape(remark), room, "", "  ")


def _labels(rule: RuleVerdict) -> str:
    names = ", ".join(rule.by_label[0].labels)
    told = (
        f"{'/'.join(cut(value, _LONGEST_LABEL) or NO_VALUE for value in label.labels.values())} {label.n:,}"
        for label in rule.by_label
    )
    return f"by {names}: {listed(told, most=_LABELS)}"


def _remarks(verdict: Verdict, options: RenderOptions) -> Iterator[str]:
    """Yield what is to be said of what was read, and what keeps the verdict from being a pass."""
    notes = list(verdict.notes)
    for source in verdict.coverage.sources:
        told = _source(source, verdict.window) if options.verbose else _unusual(source)
        notes += [f"{source.name}: {note}" for note in (*told, *source.notes)]
    for word, remarks in (("note", notes), ("why", grounds(verdict))):
        for remark in remarks:
            yield from wrap(escape(remark), options.width, f"{word:<{_WORD}}", " " * _WORD)


def _unusual(source: SourceReport) -> list[str]:
    """Return what is said of a source that was not read as most are."""
    said = ["newest first, read from its end"] if source.order == "newest_first" else []
    return said + ([source.encoding] if source.encoding != "utf-8" else [])


def _source(source: SourceReport, window: Window) -> list[str]:
    said = [source.format, source.order.replace("_", " "), source.encoding]
    said += [counted(source.lines, "line"), counted(source.records, "record")]
    if source.first is not None and source.last is not None:
        said.append(f"{moment(source.first, window)} to {moment(source.last, window)}")
    return [", ".join(said)]


def _paint(text: str, color: str, options: RenderOptions) -> str:
    return f"\x1b[{color}m{text}\x1b[0m" if options.color else text
