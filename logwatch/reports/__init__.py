"""Reports: functions from a verdict to text. They read no clock and no environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from logwatch.reports.github import github
from logwatch.reports.github_summary import github_summary
from logwatch.reports.json_report import json_report
from logwatch.reports.junit import junit
from logwatch.reports.nagios import nagios, state
from logwatch.reports.options import RenderOptions
from logwatch.reports.tap import tap
from logwatch.reports.text import text
from logwatch.verdict.judge import exit_code as code_of
from logwatch.verdict.verdict import Verdict

__all__ = ["FORMATS", "RenderOptions", "Renderer", "exit_code", "github_summary", "render"]

Renderer = Callable[[Verdict, RenderOptions], str]


def _for_machines(render: Callable[[Verdict], str]) -> Renderer:
    """A format that looks the same whoever reads it."""
    return lambda verdict, _options: render(verdict)


def _prometheus(verdict: Verdict) -> str:
    from logwatch.reports.prometheus import prometheus  # noqa: PLC0415  the client takes long to import

    return prometheus(verdict)


FORMATS: Mapping[str, Renderer] = MappingProxyType(
    {
        "text": text,
        "json": _for_machines(json_report),
        "junit": _for_machines(junit),
        "github": _for_machines(github),
        "nagios": _for_machines(nagios),
        "tap": _for_machines(tap),
        "prometheus": _for_machines(_prometheus),
    }
)
"""Every format by the name that the command line knows it by."""


def render(name: str, verdict: Verdict, options: RenderOptions) -> str:
    """Return `verdict` in the format called `name`, which is one of `FORMATS`."""
    return FORMATS[name](verdict, options)


def exit_code(verdict: Verdict, *, nagios: bool = False) -> int:
    """Return the exit code that tells the verdict; `nagios`: the one that a plugin's reader expects."""
    return state(verdict) if nagios else code_of(verdict)
