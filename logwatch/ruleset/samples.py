"""A rule's own samples, and whether they prove that its patterns detect what they say."""

from __future__ import annotations

from datetime import UTC

from logwatch.records.attributes import attributes_of
from logwatch.records.dating import Calendar
from logwatch.records.formats.structured import JsonLines
from logwatch.records.record import Record
from logwatch.ruleset.condition import PatternTimeout
from logwatch.ruleset.model import Rule
from logwatch.ruleset.parts import conditions_of
from logwatch.timespec import EARLIEST


def proven(rule: Rule) -> bool:
    """Whether every `match` sample is matched by a condition of the rule, and no `no_match` sample is.

    A rule without samples proves nothing wrong: whether it needs some is for its kind to say. A pattern that
    uses up its time budget proves nothing.
    """
    try:
        return all(matched_by(rule, text) for text in rule.samples.match) and not any(
            matched_by(rule, text) for text in rule.samples.no_match
        )
    except PatternTimeout:
        return False


def matched_by(rule: Rule, sample: str) -> tuple[str, ...]:
    """Return the names of the rule's conditions that hold for `sample`.

    Raises `PatternTimeout`.
    """
    record = sample_record(sample)
    return tuple(name for name, c in conditions_of(rule).items() if c.search(record) is not None)


def sample_record(sample: str) -> Record:
    """Return the record that `sample` stands for: a message, or a JSON object, read as a line of JSON is."""
    start = JsonLines().start(sample.strip(), Calendar(UTC, EARLIEST))
    lines = sample.count("\n") + 1
    if start is None:
        return Record("sample", 0, 0, 1, lines, None, sample)
    attributes = attributes_of(start.fields)
    return Record("sample", 0, 0, 1, lines, None, start.message, level=start.level, attributes=attributes)
