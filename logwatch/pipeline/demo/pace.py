"""The pipeline's real parser and image source, made to take as long as the incident's did."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Final

from logwatch.pipeline.handlers import Tools
from logwatch.pipeline.images import FoundImage, ImageSource
from logwatch.pipeline.parsing import ParsedDocument, Parser

from .clock import FastClock

# In turn, in event seconds. A workflow is to take about 30 seconds, nearly all of them spent here; the images of an
# order, three searches, are to come 2 to 3 minutes after it.
_PARSES: Final = (26.0, 29.0, 23.0, 27.0, 25.0)
_SEARCHES: Final = (38.0, 44.0, 31.0, 41.0)


def paced(tools: Tools, clock: FastClock) -> Tools:
    """Return the tools, each taking its time."""
    return replace(tools, parser=_Parser(tools.parser, clock), source=_Source(tools.source, clock))


@dataclass(frozen=True, slots=True)
class _Parser:
    parser: Parser
    clock: FastClock
    spans: itertools.cycle[float] = field(default_factory=lambda: itertools.cycle(_PARSES))

    @property
    def name(self) -> str:
        return self.parser.name

    def parse(self, filename: str, content: bytes, timeout_seconds: float) -> ParsedDocument:
        self.clock.wait(next(self.spans))
        return self.parser.parse(filename, content, timeout_seconds)


@dataclass(frozen=True, slots=True)
class _Source:
    source: ImageSource
    clock: FastClock
    spans: itertools.cycle[float] = field(default_factory=lambda: itertools.cycle(_SEARCHES))

    def find(self, title: str, sku: str | None, timeout_seconds: float) -> tuple[FoundImage, ...]:
        self.clock.wait(next(self.spans))
        return self.source.find(title, sku, timeout_seconds)
