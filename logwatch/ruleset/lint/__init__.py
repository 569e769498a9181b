"""Lint: rules that load, and yet cannot do what their author means."""

from logwatch.ruleset.lint.finding import Finding, Level
from logwatch.ruleset.lint.run import lint

__all__ = ["Finding", "Level", "lint"]
