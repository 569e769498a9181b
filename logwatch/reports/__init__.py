"""Reports: functions from a verdict to text. They read no clock and no environment.

Each format is imported when it is asked for: one run writes one or two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from logwatch.reports.options import RenderOptions
from logwatch.verdict.judge import exit_code as code_of
from logwatch.verdict.verdict import Verdict

__all__ = ["FORMATS", "RenderOptions", "Renderer", "exit_code", "render"]

Renderer = Callable[[Verdict, RenderOptions], str]


def _text(verdict: Verdict, options: RenderOptions) -> str:
    from logwatch.reports.text import text  # noqa: PLC0415

    return text(verdict, options)


def _json(verdict: Verdict, _options: RenderOptions) -> str:
    from logwatch.reports.json_report import json_report  # noqa: PLC0415

    return json_report(verdict)


def _junit(verdict: Verdict, _options: RenderOptions) -> str:
    from logwatch.reports.junit import junit  # noqa: PLC0415

    return junit(verdict)


def _github(verdict: Verdict, _options: RenderOptions) -> str:
    from logwatch.reports.github import github  # noqa: PLC0415

    return github(verdict)


def _nagios(verdict: Verdict, _options: RenderOptions) -> str:
    from logwatch.reports.nagios import nagios  # noqa: PLC0415

    return nagios(verdict)


def _tap(verdict: Verdict, _options: RenderOptions) -> str:
    from logwatch.reports.tap import tap  # noqa: PLC0415

    return tap(verdict)


def _prometheus(verdict: Verdict, _options: RenderOptions) -> str:
    from logwatch.reports.prometheus import prometheus  # noqa: PLC0415

    return prometheus(verdict)


FORMATS: Mapping[str, Renderer] = MappingProxyType(
    {
        "text": _text,
        "json": _json,
        "junit": _junit,
        "github": _github,
        "nagios": _nagios,
        "tap": _tap,
        "prometheus": _prometheus,
    }
)
"""Every format by the name that the command line knows it by."""


def render(name: str, verdict: Verdict, options: RenderOptions) -> str:
    """Return `verdict` in the format called `name`, which is one of `FORMATS`."""
    return FORMATS[name](verdict, options)


def exit_code(verdict: Verdict, *, nagios: bool = False) -> int:
    """Return the exit code that tells the verdict; `nagios`: the one that a plugin's reader expects."""
    if not nagios:
        return code_of(verdict)
    from logwatch.reports.nagios import state  # noqa: PLC0415

    return state(verdict)
