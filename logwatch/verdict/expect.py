"""Judges what must occur: fewer fails.

Where nobody could know, it is inconclusive instead: the log begins after the window does, a source could not
be read whole, or the window is shorter than `every`. A log that stops is no such case: what should have been
logged was not.
"""

from __future__ import annotations

from logwatch.engine.tally import ExpectTally, Tally
from logwatch.ruleset.model import ExpectRule, Rule
from logwatch.timespec import format_span
from logwatch.verdict.grounds import Finding, Grounds, Part, worst
from logwatch.verdict.reading import begins_late
from logwatch.verdict.verdict import Status
from logwatch.verdict.wording import against, but, counted, gave_up, listed, moment


def judge_expect(rule: Rule, tally: Tally, grounds: Grounds) -> Finding:
    """Judge an expect by its number, its longest silence, or both; per expected key where it lists them."""
    assert isinstance(rule, ExpectRule)
    assert isinstance(tally, ExpectTally)
    parts = []
    if rule.at_least is not None or rule.every is None:
        parts.append(_judge_number(rule, tally, grounds))
    if rule.every is not None:
        parts.append(_judge_silence(rule, tally, grounds))
    return Finding(
        status=worst(parts),
        summary="; ".join(part.text for part in parts),
        counts={"matches": tally.matches},
        details=_details(rule, tally),
    )


def _judge_number(rule: ExpectRule, tally: ExpectTally, grounds: Grounds) -> Part:
    needed = 1 if rule.at_least is None else rule.at_least
    found = {key: tally.by_key.get(key, 0) for key in rule.expected} or {"": tally.matches}
    short = {key: n for key, n in found.items() if n < needed}
    if rule.expected:
        seen = f"{len(found) - len(short)} of {counted(len(found), 'expected key')}"
        said = f"{seen} matched at least {counted(needed, 'time')}"
    else:
        said = f"{counted(tally.matches, 'match', 'matches')}, at least {needed:,} expected"
    if not short:
        return Part(Status.PASS, said)
    if rule.expected:
        said += f"; too few: {listed(f'{key} ({n:,})' for key, n in short.items())}"
    unknown = _unknown(grounds)
    if tally.pattern_timeouts and sum(needed - n for n in short.values()) <= tally.pattern_timeouts:
        unknown.append(gave_up(tally.pattern_timeouts))
    return _part(said, unknown)


def _judge_silence(rule: ExpectRule, tally: ExpectTally, grounds: Grounds) -> Part:
    assert rule.every is not None
    window, asked = grounds.window, f"at least one every {format_span(rule.every)} expected"
    spans = {key: tally.longest_gap[key] for key in rule.expected if key in tally.longest_gap}
    spans = spans or dict(tally.longest_gap)
    if not spans:
        spans = {"": (window.since, window.until - window.since)}
    key, (start, length) = max(spans.items(), key=lambda item: item[1][1])
    silence = against(length.total_seconds(), rule.every.total_seconds(), "s")
    said = f"longest silence {silence} from {moment(start, window)}"
    said = f"{said}{f' of {key}' if key else ''}, {asked}"
    if length <= rule.every:
        if tally.matches and all(tally.by_key.get(key, 0) for key in rule.expected):
            return Part(Status.PASS, said)
        return _part(said, [f"the window is no longer than {format_span(rule.every)}"])
    unknown = _unknown(grounds)
    earliest = grounds.coverage.earliest
    if not grounds.damaged and earliest is not None and start + length - max(start, earliest) > rule.every:
        unknown = []  # what is known of the silence is too long already
    if tally.pattern_timeouts:
        unknown.append(gave_up(tally.pattern_timeouts))
    return _part(said, unknown)


def _unknown(grounds: Grounds) -> list[str]:
    """Why what is missing may have been there all the same."""
    unknown = []
    late = begins_late(grounds.coverage, grounds.window)
    if late is not None:
        unknown.append(late)
    if grounds.damaged:
        unknown.append("a source could not be read whole")
    return unknown


def _part(said: str, unknown: list[str]) -> Part:
    return Part(Status.INCONCLUSIVE, but(said, unknown)) if unknown else Part(Status.FAIL, said)


def _details(rule: ExpectRule, tally: ExpectTally) -> tuple[str, ...]:
    if tally.by_key and rule.key:
        return ("by key: " + listed((f"{key} {n:,}" for key, n in tally.by_key.items()), most=20),)
    return ()
