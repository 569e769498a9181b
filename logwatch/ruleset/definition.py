"""What a rule counts, as text: equal for rules whose counts go on from each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from hashlib import blake2b

import msgspec

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
    said = [(name, _plain(getattr(rule, name))) for name in rule.__struct_fields__ if name not in _JUDGED]
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
    if isinstance(value, msgspec.Struct):
        return [type(value).__name__, *((n, _plain(getattr(value, n))) for n in value.__struct_fields__)]
    return value
