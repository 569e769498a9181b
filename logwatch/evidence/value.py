"""Captured values without the secrets in them: what becomes a label or a key."""

from __future__ import annotations

from logwatch.evidence.redact import redact

_HIDDEN = "[redacted secret]"


def redacted_value(value: str, name: str) -> str:
    """Return `value` without secrets, told by what they look like and by `name`: the same wherever it is found."""
    return redact(f"{name}={value}")[len(name) + 1 :]


def redacted_capture(value: str, name: str, whole: str, cited: str) -> str:
    """Return `value`, found in the text `whole` or an attribute, without secrets, told by their place as well.

    What is seen in `cited`, the redacted beginning of `whole`, is no secret by its place.
    """
    alone = redacted_value(value, name)
    if alone != value or value in cited or value not in whole or value in redact(whole):
        return alone
    return _HIDDEN
