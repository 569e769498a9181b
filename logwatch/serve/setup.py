"""What the exporter works by: the configuration, the rules, the sources."""

from __future__ import annotations

from dataclasses import dataclass

from logwatch.config import Config
from logwatch.ruleset.model import RuleSet


@dataclass(frozen=True, slots=True)
class Setup:
    """`names` are files, directories, globs, `journal:` and `-`."""

    config: Config
    ruleset: RuleSet
    names: tuple[str, ...]
