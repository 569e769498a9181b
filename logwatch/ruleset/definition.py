"""What a rule counts, as text: equal for rules whose counts go on from each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from enum import Enum
from hashlib import blake2b

from logwatch.ruleset.model import Rule
from logwatch.ruleset.patterns import Pattern

_JUDGED = frozenset(
    {
        *("title", "description", "severity", "location", "samples"),
        *("objective", "duration", "floor", "baseline", "limits", "limit", "per"),
        *("exposure", "prior", "reject", "at_least"),
    }
)
"""Fields that say what a rule means to people, and how its counts are judged; not what is counted."""


def definition_of(rule: Rule) -> str:
    """Return a digest of what `rule` counts: of its kind, its patterns, its key and its times."""
    said = [
        (field.name, _plain(getattr(rule, field.name))) for field in fields(rule) if field.name not in _JUDGED
    ]
    return blake2b(repr(said).encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


def _plain(value: object) -> object:
    """Return `value` as what shows the same text in every version of everything."""
    if isinstance(value, Pattern):
        return value.source
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return [(key, _plain(part)) for key, part in value.items()]
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *((f.name, _plain(getattr(value, f.name))) for f in fields(value))]
    return value
