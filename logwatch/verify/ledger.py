"""The ledger: what happened, in an append-only SQLite file. Everything else is a function of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from logwatch.errors import ConfigError
from logwatch.verify.events import AnyEvent, Started

FILE_NAME = "ledger.db"
_BUSY_SECONDS = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    run  INTEGER NOT NULL,
    what TEXT NOT NULL,
    item TEXT,
    event TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_of_run ON events (run, seq);
-- what can happen to an item only once
CREATE UNIQUE INDEX IF NOT EXISTS once ON events (run, item, what) WHERE what IN ('finished', 'signed', 'skipped');
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(AnyEvent)

Events = tuple[AnyEvent, ...]


class Ledger:
    """One file. Each event is a transaction of its own: it is on the disk when `append` returns, or not at all.

    Any number of processes may read and append at once. Raises `ConfigError` for a file that cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        with self._faults():
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def begin(self, started: Started, allow: Callable[[int, Events], None]) -> int:
        """Append the beginning of a new run and return its number.

        `allow` is called before, with the number and the events of the last run (0 and none, where there is none
        yet), and raises what speaks against it.
        """
        with self._writing():
            last = self.last_run()
            allow(last, self.events(last))
            self._insert(last + 1, started)
        return last + 1

    def append(self, run: int, event: AnyEvent, allow: Callable[[Events], None] | None = None) -> None:
        """Append an event. `allow` is called before with all events of the run, and raises what speaks against it.

        Nothing can come in between.
        """
        with self._writing():
            if allow is not None:
                allow(self.events(run))
            self._insert(run, event)

    def last_run(self) -> int:
        """Return the number of the last run, 0 where there is none."""
        with self._faults():
            [(last,)] = self._db.execute("SELECT coalesce(max(run), 0) FROM events")
        return int(last)

    def events(self, run: int) -> Events:
        """Return all that happened to a run, in order."""
        with self._faults():
            rows = self._db.execute("SELECT event FROM events WHERE run = ? ORDER BY seq", (run,)).fetchall()
            return tuple(_DECODER.decode(text) for (text,) in rows)

    def _insert(self, run: int, event: AnyEvent) -> None:
        self._db.execute(
            "INSERT INTO events (run, what, item, event) VALUES (?, ?, ?, ?)",
            (
                run,
                type(event).__struct_config__.tag,
                getattr(event, "item", None),
                _ENCODER.encode(event).decode(),
            ),
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._faults():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, msgspec.DecodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ConfigError(
                f"{self._path}: the ledger cannot be used ({reason}); check the folder, its permissions and the disk"
            ) from None
