"""What the page shows, decided here; the template only lays it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from logwatch.evidence import Evidence
from logwatch.records.coverage import Window
from logwatch.reports.citations import RUNS, excerpt, is_troubled, place, text_lines
from logwatch.reports.heading import judged
from logwatch.reports.outcome import Outcome, grounds, outcome, sentence, worst_first
from logwatch.ruleset.model import Kind
from logwatch.serve.http.page.chart import Chart, axis_of, chart
from logwatch.serve.snapshot import Snapshot, StreamState
from logwatch.timespec import format_span
from logwatch.verdict.verdict import Rate, RuleVerdict, Status, Verdict
from logwatch.verdict.wording import counted, level, listed, moment, percent

STALE: Final = timedelta(minutes=1)
"""A page about a state that is older says so."""
_LINES: Final = 8
_INPUTS: Final = 50
_LABELS: Final = 10


@dataclass(frozen=True, slots=True)
class Tab:
    """A window that can be chosen."""

    name: str
    status: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Citation:
    """A log line under a rule; `more`: how many of its lines are left out."""

    place: str
    time: str
    role: str
    lines: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule. `outcome` is what it is styled by; `omitted` citations lie between the `first` and the `last`."""

    verdict: RuleVerdict
    outcome: str
    note: str
    bound: str
    labels: str
    chart: Chart | None
    chart_label: str
    first: tuple[Citation, ...]
    omitted: int
    last: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class InputView:
    """A followed log."""

    name: str
    format: str
    lines: str
    lag: str
    last_event: str
    trouble: str
    behind: bool


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page. `alerts` are what the reader must know before believing it."""

    status: str
    word: str
    sentence: str
    judged: tuple[str, ...]
    at: str
    alerts: tuple[tuple[str, tuple[str, ...]], ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    tabs: tuple[Tab, ...]
    wanting: tuple[RuleView, ...]
    others: tuple[RuleView, ...]
    inputs: tuple[InputView, ...]
    more_inputs: int


def page(snapshot: Snapshot, asked: str | None, now: datetime) -> Page:
    """Return the page about `snapshot` as it is looked at `now`. `asked`: the window, None for the first."""
    chosen = asked or next(iter(snapshot.verdicts), None)
    verdict = snapshot.verdicts[chosen] if chosen is not None else None
    wanting: list[RuleVerdict] = worst_first(verdict) if verdict else []
    calm = [rule for rule in (verdict.rules if verdict else ()) if rule not in wanting]
    calm.sort(key=lambda rule: outcome(rule) is Outcome.INFO)
    axis = axis_of(snapshot)
    inputs = sorted(snapshot.streams, key=lambda one: (one.trouble is None, -(one.lag or 0.0)))

    def viewed(rules: Iterable[RuleVerdict]) -> tuple[RuleView, ...]:
        if verdict is None or axis is None:
            return ()
        charts = ((rule, chart(snapshot.history.get(rule.id, ()), axis)) for rule in rules)
        return tuple(_rule(rule, verdict.window, drawn) for rule, drawn in charts)

    return Page(
        status=verdict.status.value if verdict else "none",
        word=verdict.status.value if verdict else "no verdict yet",
        sentence=sentence(verdict) if verdict else "nothing has been judged since the start",
        judged=tuple(judged(verdict)) if verdict else (),
        at=_clock(snapshot.at),
        alerts=tuple(_alerts(snapshot, now)),
        reasons=grounds(verdict)[1:] if verdict else (),  # the sentence holds the first
        notes=_notes(verdict) if verdict else (),
        tabs=tuple(Tab(name, one.status.value, name == chosen) for name, one in snapshot.verdicts.items()),
        wanting=viewed(wanting),
        others=viewed(calm),
        inputs=tuple(_input(one, snapshot.at) for one in inputs[:_INPUTS]),
        more_inputs=max(len(inputs) - _INPUTS, 0),
    )


def _alerts(snapshot: Snapshot, now: datetime) -> Iterable[tuple[str, tuple[str, ...]]]:
    age = now - snapshot.at
    if age > STALE:
        yield f"This is old: nothing was read or judged for {format_span(age)}.", ()
    if snapshot.loaded.problem is not None:
        when = _clock(snapshot.loaded.at)
        said = f"The configuration was not reloaded at {when}; what was loaded before stays in force."
        yield said, tuple(snapshot.loaded.problem.splitlines())
    if not snapshot.ready:
        yield "Still reading what was written before the start; what is said here may change.", ()


def _notes(verdict: Verdict) -> tuple[str, ...]:
    of_sources = (f"{source.name}: {note}" for source in verdict.coverage.sources for note in source.notes)
    return (*verdict.notes, *of_sources)


def _rule(rule: RuleVerdict, window: Window, drawn: Chart | None) -> RuleView:
    came_out = outcome(rule)
    troubled = is_troubled(rule)
    shown = excerpt(rule)
    return RuleView(
        verdict=rule,
        outcome=came_out.value,
        note="" if rule.decides or came_out in {Outcome.OK, Outcome.INFO} else "does not decide",
        bound=_bound(rule.rate) if rule.rate else "",
        labels=_labels(rule) if rule.by_label and (troubled or rule.status is not Status.PASS) else "",
        chart=drawn,
        chart_label=_chart_label(rule, drawn) if drawn else "",
        first=tuple(_citation(one, window) for group in shown.first for one in group),
        omitted=shown.omitted,
        last=tuple(_citation(one, window) for group in shown.last for one in group),
    )


def _bound(rate: Rate) -> str:
    if not rate.n:
        return f"no runs; target {level(rate.target)}"
    between = f"between {percent(rate.lower)} and {percent(rate.upper)}, each at 95 %"
    return f"of {counted(rate.n, 'run')}; {between}; target {level(rate.target)}"


def _labels(rule: RuleVerdict) -> str:
    names = ", ".join(rule.by_label[0].labels)
    told = (f"{'/'.join(label.labels.values())} {label.n:,}" for label in rule.by_label)
    return f"by {names}: {listed(told, most=_LABELS)}"


def _chart_label(rule: RuleVerdict, drawn: Chart) -> str:
    if rule.kind in RUNS:
        return f"{drawn.goods:,} good, {drawn.bads:,} bad"
    return counted(drawn.bads if rule.kind is Kind.FORBID else drawn.goods, "match", "matches")


def _citation(evidence: Evidence, window: Window) -> Citation:
    lines = text_lines(evidence)
    kept = lines if len(lines) <= _LINES else lines[: _LINES - 1]
    return Citation(
        place=place(evidence),
        time=moment(evidence.time, window) if evidence.time else "no time",
        role=evidence.role if evidence.role != "match" else "",
        lines=tuple(kept),
        more=len(lines) - len(kept),
    )


def _input(stream: StreamState, at: datetime) -> InputView:
    behind = stream.lag is not None
    lag = "up to date" if stream.trouble is None else "not read"
    if stream.lag is not None:
        lag = f"{format_span(timedelta(seconds=round(stream.lag, 1)))} behind, {stream.unread_bytes:,} bytes unread"
    return InputView(
        name=stream.name,
        format=stream.format,
        lines=counted(stream.lines, "line"),
        lag=lag,
        last_event=_ago(stream.last_event, at),
        trouble=stream.trouble or "",
        behind=behind,
    )


def _ago(time: datetime | None, at: datetime) -> str:
    if time is None:
        return "no event yet"
    age = at - time
    said = "just now" if abs(age) < timedelta(seconds=1) else f"{format_span(abs(age))} ago"
    return f"last event {said}" if age > timedelta(seconds=-1) else f"last event {format_span(-age)} ahead"


def _clock(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
