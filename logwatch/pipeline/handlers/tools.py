"""What handlers work with beside the database."""

from __future__ import annotations

from dataclasses import dataclass

from logwatch.pipeline.images import ImageSource, ImageStore
from logwatch.pipeline.parsing import Parser


@dataclass(frozen=True, slots=True)
class Tools:
    """The parser, where images are looked for, and where they are kept."""

    parser: Parser
    source: ImageSource
    store: ImageStore
