"""The board in the formats that people and programs read. They read no clock and no environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from logwatch.reports.options import RenderOptions
from logwatch.verify.board import Board
from logwatch.verify.reports.github import github
from logwatch.verify.reports.json_report import json_report
from logwatch.verify.reports.junit import junit
from logwatch.verify.reports.markdown import markdown
from logwatch.verify.reports.text import live, text
from logwatch.verify.reports.wording import exit_code

__all__ = ["FORMATS", "exit_code", "live", "markdown", "render"]

Renderer = Callable[[Board, RenderOptions], str]


def _plain(render_: Callable[[Board], str]) -> Renderer:
    """A format that looks the same whoever reads it."""
    return lambda board, _options: render_(board)


FORMATS: Mapping[str, Renderer] = MappingProxyType(
    {
        "text": text,
        "json": _plain(json_report),
        "junit": _plain(junit),
        "github": _plain(github),
        "markdown": _plain(markdown),
    }
)
"""Every format by the name that the command line knows it by."""


def render(name: str, board: Board, options: RenderOptions) -> str:
    """Return `board` in the format called `name`, which is one of `FORMATS`."""
    return FORMATS[name](board, options)
