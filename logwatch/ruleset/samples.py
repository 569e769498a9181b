"""A rule's own samples, and whether they prove that its patterns detect what they say."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from logwatch.records.record import Record, Scalar
from logwatch.ruleset.condition import PatternTimeout
from logwatch.ruleset.model import Rule
from logwatch.ruleset.parts import conditions_of


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
    """Return the record that `sample` stands for: a message, or a JSON object with attributes and a message."""
    try:
        attributes = dict(_flat("", msgspec.json.decode(sample, type=dict[str, object])))
    except (msgspec.MsgspecError, RecursionError):
        return Record("sample", 0, 0, 1, sample.count("\n") + 1, None, sample)
    message = str(attributes.get("message", attributes.get("msg", "")))
    level = attributes.get("level")
    return Record(
        "sample",
        0,
        0,
        1,
        1,
        None,
        message,
        level=None if level is None else str(level),
        attributes=attributes,
    )


def _flat(prefix: str, fields: Mapping[str, object]) -> list[tuple[str, Scalar]]:
    """Return nested fields with their names joined by dots; lists are left out."""
    flat: list[tuple[str, Scalar]] = []
    for name, value in fields.items():
        if isinstance(value, dict):
            flat += _flat(f"{prefix}{name}.", value)
        elif value is None or isinstance(value, (str, int, float, bool)):
            flat.append((prefix + name, value))
    return flat
