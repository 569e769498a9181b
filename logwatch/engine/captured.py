"""Keys, labels and numbers: what the names in a rule stand for in a record, without secrets and within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from logwatch.engine.match import Key
from logwatch.engine.roles import Role
from logwatch.evidence import may_hold_secret, redacted_capture, redacted_value, shown
from logwatch.records.record import Record
from logwatch.ruleset.condition import Captures
from logwatch.ruleset.conditions import ATTRIBUTE_PREFIX, field_text
from logwatch.ruleset.model import ExpectRule, Rule

LONGEST_VALUE = 200
"""Characters of a captured key or label that are kept; of a longer one the beginning and a digest."""
_LARGEST = 1e300


def labels_of(rule: Rule, captures: Captures, record: Record) -> tuple[str, ...]:
    """Return the values of the rule's labels; empty where there is none."""
    cited = shown(record.message)
    return tuple(_label(name, captures, record, cited) for name in rule.labels)


def key_of(rule: Rule, role: Role, captures: Captures, record: Record) -> Key | None:
    """Return the key's parts; None if the role has no key or a part is missing or empty.

    Of a part with a secret, its kind and a digest are kept: they tell runs apart, and nobody can read them.
    """
    parts: list[str] = []
    for name in role.key:
        part = _part(name, captures, record)
        if not part:
            return None
        parts.append(part)
    # What a rule file names is no secret.
    if isinstance(rule, ExpectRule) and rule.expected and "/".join(parts) in rule.expected:
        return tuple(parts)
    return tuple(map(kept_value, parts, role.key)) or None


def kept_value(part: str, name: str) -> str:
    """Return what is kept of a part of a key that is called `name`."""
    return _kept(part, name) if len(part) > LONGEST_VALUE else _remembered(part, name)


def kept_values(parts: Sequence[str], name: str) -> Sequence[str]:
    """Return what is kept of parts of keys that are called `name`; an empty one stays so."""
    if len(max(parts, key=len)) <= LONGEST_VALUE and not may_hold_secret("\n".join((name, *parts))):
        return parts
    return [kept_value(part, name) if part else "" for part in parts]


def _kept(part: str, name: str) -> str:
    shown = redacted_value(part, name)
    return bounded(part) if shown == part else _abridged(shown, part)


_remembered = lru_cache(maxsize=4096)(_kept)  # a key is in several records


def values_of(role: Role, record: Record) -> tuple[float, ...]:
    """Return every captured number.

    A capture that is no finite number comes out as NaN, for the tally to count. Raises `PatternTimeout`.
    """
    return tuple(
        _number(captures.get(role.number or "", "")) / role.divisor
        for captures in role.condition.occurrences(record)
    )


def bounded(text: str) -> str:
    """Return a value as it is kept."""
    return text if len(text) <= LONGEST_VALUE else _abridged(text, text)


def _part(name: str, captures: Captures, record: Record) -> str | None:
    """Return what stands for `name`: a capture, or an attribute where it says `attributes.NAME`."""
    if not name.startswith(ATTRIBUTE_PREFIX):
        return captures.get(name)
    bare = name.removeprefix(ATTRIBUTE_PREFIX)
    return None if record.attributes.get(bare) is None else field_text(record, name)


def _abridged(shown: str, whole: str) -> str:
    """Return the beginning of `shown` with a digest that tells `whole` from others."""
    from hashlib import blake2b  # noqa: PLC0415 - few values are so long, and it brings all of OpenSSL

    digest = blake2b(whole.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()
    return f"{shown[: LONGEST_VALUE - len(digest) - 1]}…{digest}"


def _label(name: str, captures: Captures, record: Record, cited: str) -> str:
    """Return the label's value without secrets; empty where there is none."""
    text = _part(name, captures, record)
    return bounded(redacted_capture(text, name, record.message, cited)) if text else ""


def _number(text: str) -> float:
    try:
        value = float("nan" if "_" in text else text)  # 1_000 is a number in Python, and in no log
    except ValueError:
        return float("nan")
    return value if abs(value) < _LARGEST else float("nan")
