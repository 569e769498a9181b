"""A progress bar on stderr, when that is a terminal and the work is long."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from logwatch.sources.source import Source
from logwatch.sources.watched import WatchedSource

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_LONG_SECONDS = 1.0


class Progress:
    """Shows how much of some sources has been read, once that has taken a second."""

    def __init__(self) -> None:
        self._sources: Sequence[Source] = ()
        self._bar: ProgressBar[Any] | None = None
        self._begun = time.monotonic()
        self._shown = 0

    def watch(self, sources: Sequence[Source]) -> Sequence[Source]:
        """Return the sources, watched where somebody looks."""
        if not sys.stderr.isatty():
            return sources
        self._sources = [WatchedSource(source, self._advance) for source in sources]
        return self._sources

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.render_finish()
            click.echo("\r\x1b[K", nl=False, err=True)
            self._bar = None

    def _advance(self) -> None:
        if self._bar is None:
            if time.monotonic() - self._begun < _LONG_SECONDS:
                return
            # What is read twice, or has no size, would pass the end: the bar then stays full.
            total = sum(source.size or 0 for source in self._sources)
            self._bar = click.progressbar(length=max(total, 1), label="reading", file=sys.stderr)
        read = min(sum(source.consumed for source in self._sources), self._bar.length or 1)
        self._bar.update(read - self._shown)
        self._shown = read


@contextmanager
def progress() -> Iterator[Progress]:
    """Yield a progress display that is gone at the end, whatever happens."""
    shown = Progress()
    try:
        yield shown
    finally:
        shown.close()
