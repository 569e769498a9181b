"""The store: one SQLite file, every change of it one transaction that is on the disk or never was."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path

from logwatch.errors import ConfigError, StateError
from logwatch.serve.place import Place

FILE_NAME = "state.db"
SCHEMA = 1
TABLES = ("parts", "minutes", "coverage", "streams", "checkpoints", "journal")
"""Each of them keys with values; keys are numbers or texts."""
_SMALLEST = 512
"""Bytes of SQLite's smallest page."""
_QUARANTINED = 3
"""Damaged files that are kept."""

Key = int | str
Rows = dict[Key, bytes]


class DamagedError(Exception):
    """The file is no state; the message says why."""


@dataclass(slots=True)
class Changes:
    """What a transaction changes: by table and key, the value that is from now on; None: none.

    `anew` names tables that are emptied before.
    """

    rows: dict[str, dict[Key, bytes | None]] = field(default_factory=dict)
    anew: tuple[str, ...] = ()

    def put(self, table: str, key: Key, value: bytes | None) -> None:
        """Have `value` stand under `key`."""
        self.rows.setdefault(table, {})[key] = value


class Store:
    """The file in a place that this process holds. `new`: there was none.

    Raises `DamagedError` for a file that is no state, `ConfigError` for one of a newer logwatch and one that cannot
    be opened, `StateError` for one that cannot be used now.
    """

    def __init__(self, place: Place) -> None:
        self.path = place.folder / FILE_NAME
        self.new = not self.path.exists()
        try:
            for name in (FILE_NAME, *filter(lambda name: _is_there(place.folder / name), _beside())):
                os.close(place.open(name))
        except OSError as error:
            raise ConfigError(
                f"{self.path}: cannot be opened ({error.strerror}); look at what it is"
            ) from None
        size = self.path.stat().st_size
        if not self.new and size < _SMALLEST:  # SQLite would take it for a new one
            raise DamagedError("it is cut short" if size else "it is empty")
        self._db = sqlite3.connect(self.path, timeout=5.0, isolation_level=None, check_same_thread=False)
        try:
            self._open()
        except BaseException:
            self._db.close()
            raise

    def read(self, table: str) -> Rows:
        """Return all rows of a table, in the order of their keys. Raises `DamagedError`."""
        try:
            return dict(self._db.execute(f"SELECT key, value FROM {table} ORDER BY key"))  # noqa: S608  of TABLES
        except sqlite3.DatabaseError as error:
            raise DamagedError(str(error)) from None

    def commit(self, changes: Iterable[Changes]) -> None:
        """Make all changes, in order, or none of them. Raises `sqlite3.Error`."""
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            for change in changes:
                for table in change.anew:
                    db.execute(f"DELETE FROM {table}")  # noqa: S608
                for table, rows in change.rows.items():
                    put = [(key, value) for key, value in rows.items() if value is not None]
                    gone = [(key,) for key, value in rows.items() if value is None]
                    db.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", put)  # noqa: S608
                    db.executemany(f"DELETE FROM {table} WHERE key = ?", gone)  # noqa: S608
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _open(self) -> None:
        try:
            [(version,)] = self._db.execute("PRAGMA user_version")
            if version > SCHEMA:
                raise ConfigError(
                    f"{self.path}: is the state of a newer logwatch (schema {version}, this one reads {SCHEMA}); "
                    "use that one, or name another folder with --state"
                )
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            [(found,)] = self._db.execute("PRAGMA quick_check(1)")
            if found != "ok":
                raise DamagedError(found)
            tables = "".join(
                f"CREATE TABLE IF NOT EXISTS {table} (key ANY PRIMARY KEY, value BLOB NOT NULL) STRICT;"
                for table in TABLES
            )
            self._db.executescript(f"BEGIN IMMEDIATE; {tables} PRAGMA user_version = {SCHEMA}; COMMIT;")
        except sqlite3.OperationalError as error:
            raise StateError(
                f"{self.path}: cannot be used ({error}); check the folder and the disk"
            ) from None
        except sqlite3.DatabaseError as error:
            raise DamagedError(str(error)) from None


def quarantine(place: Place, wall: datetime) -> Path:
    """Put the damaged file aside, and what SQLite keeps beside it; return where it is now.

    Of those that were put aside before, the last few are kept. Raises `OSError`.
    """
    stamp = f"{wall:%Y%m%dT%H%M%SZ}"
    names = (f"{FILE_NAME}.damaged-{stamp}" + (f"-{n}" if n else "") for n in count())
    target = next(name for name in names if not (place.folder / name).exists())
    for name in (*_beside(), FILE_NAME):  # left beside a new file, a log would be taken for its own
        file = place.folder / name
        if _is_there(file):
            file.rename(place.folder / name.replace(FILE_NAME, target))
    for old in sorted(place.folder.glob(f"{FILE_NAME}.damaged-*[!ml]"))[:-_QUARANTINED]:
        for name in ("", "-wal", "-shm"):
            old.with_name(old.name + name).unlink(missing_ok=True)
    return place.folder / target


def _beside() -> tuple[str, ...]:
    return (f"{FILE_NAME}-wal", f"{FILE_NAME}-shm")


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def changed_rows(before: Mapping[Key, bytes], after: Mapping[Key, bytes]) -> dict[Key, bytes | None]:
    """Return what makes `after` of `before`."""
    changes: dict[Key, bytes | None] = {key: None for key in before if key not in after}
    changes |= {key: value for key, value in after.items() if before.get(key) != value}
    return changes
