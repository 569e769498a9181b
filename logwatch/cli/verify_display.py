"""How a run is watched: a board that changes in its place on a terminal, else a line for what has changed."""

from __future__ import annotations

import os
import sys

import click

from logwatch.cli.outputs import colored_stderr
from logwatch.reports import RenderOptions
from logwatch.verify.board import Board, State
from logwatch.verify.reports import live
from logwatch.verify.reports.text import line
from logwatch.verify.reports.wording import figure


class Display:
    """Shows a board on stderr whenever it has changed; stdout is for the report at the end."""

    def __init__(self, color: str) -> None:
        self._terminal = sys.stderr.isatty()
        self._color = colored_stderr(color)
        self._drawn: list[str] = []
        self._told: dict[str, tuple[State, str]] = {}

    def show(self, board: Board) -> None:
        """Show the board as it is now."""
        if self._terminal:
            self._draw(board)
        else:
            self._tell(board)

    def close(self) -> None:
        """Take the live board away."""
        if self._drawn:
            click.echo(f"\x1b[{len(self._drawn)}A\x1b[J", nl=False, err=True, color=True)
            self._drawn = []

    def _draw(self, board: Board) -> None:
        size = os.get_terminal_size(sys.stderr.fileno())  # stdout may be a file
        # a terminal that was never told its size says 0
        options = RenderOptions(color=self._color, width=(size.columns or 80) - 1)
        lines = live(board, options, size.lines or 24)
        if lines == self._drawn:  # nothing to see, and nothing that flickers
            return
        self.close()
        click.echo("\n".join(lines), err=True, color=True)
        self._drawn = lines

    def _tell(self, board: Board) -> None:
        """Say what is new; how long something still waits is not."""
        for row in board.rows:
            said = figure(row, board.now) if row.ended else (row.result.summary if row.result else "")
            new = (row.state, said)
            if row.state is State.WAITING and not said:
                continue
            if self._told.get(row.item.id) != new:
                self._told[row.item.id] = new
                click.echo(f"{board.now:%H:%M:%S}Z  {line(row, board)}", err=True)


class Silence:
    """Shows nothing: nobody waits."""

    def show(self, board: Board) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Take nothing away."""
