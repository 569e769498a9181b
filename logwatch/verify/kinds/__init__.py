"""The kinds of item, each in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from logwatch.verify.kinds.baseline import BASELINE_KIND
from logwatch.verify.kinds.command import COMMAND_KIND
from logwatch.verify.kinds.deployment import DEPLOYMENT_KIND
from logwatch.verify.kinds.http import HTTP_KIND
from logwatch.verify.kinds.kind import Kind
from logwatch.verify.kinds.manual import MANUAL_KIND
from logwatch.verify.kinds.pipeline import PIPELINE_KIND
from logwatch.verify.kinds.rules import RULES_KIND

__all__ = ["KINDS", "Kind"]

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "rules": RULES_KIND,
        "deployment": DEPLOYMENT_KIND,
        "http": HTTP_KIND,
        "pipeline": PIPELINE_KIND,
        "baseline": BASELINE_KIND,
        "command": COMMAND_KIND,
        "manual": MANUAL_KIND,
    }
)
"""Every kind by its word in YAML."""
