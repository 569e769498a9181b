"""The state: books, offsets and what is known of the inputs, stored together in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from logwatch.errors import ConfigError
from logwatch.following import Checkpoint, FileCheckpoint
from logwatch.live.coverage import CoverageMinutes, Damage
from logwatch.live.entries import Entry
from logwatch.live.stream import StreamFacts
from logwatch.serve.books import Books, Written
from logwatch.serve.place import Place
from logwatch.serve.store import Changes, DamagedError, Key, Rows, Store, changed_rows, quarantine

_KEPT = "kept"


class Kept(msgspec.Struct):
    """What the exporter counts of itself since its state was created, and what coverage knows besides its minutes."""

    since: datetime
    commits: int = 0
    damaged: int = 0
    damages: list[Damage] = []
    earliest: datetime | None = None
    latest: datetime | None = None


@dataclass(slots=True)
class Known:
    """What was stored last. `new`: nothing ever was. `written` is for `Books.read`."""

    new: bool
    kept: Kept
    written: Written
    coverage: Rows
    facts: dict[str, StreamFacts]
    checkpoints: list[Checkpoint]


class State:
    """Keeps the state in a place that this process holds.

    A file that is damaged is put aside and told of in `damage`; then everything begins anew, with the logs that are
    still there. Raises what `Store` raises for a file that cannot be used.
    """

    def __init__(self, place: Place, wall: datetime) -> None:
        self._place = place
        self._saved: dict[str, dict[Key, bytes]] = {"streams": {}, "checkpoints": {}}
        self._waiting: list[Changes] = []
        self.damage: str | None = None
        self.failures = 0
        self.failure: str | None = None
        try:
            self._store = Store(place)
        except DamagedError as error:
            self._store = self._begin_anew(str(error), wall)

    def known(self, wall: datetime) -> Known:
        """Return what was stored last. Raises `DamagedError` for what is no state."""
        tables = {name: self._store.read(name) for name in ("parts", "minutes", "coverage", "streams")}
        checkpoints = self._store.read("checkpoints")
        parts, streams = tables["parts"], tables["streams"]
        new = _KEPT not in parts
        if new and (parts or streams or checkpoints or not self._store.new):
            raise DamagedError("parts of it are missing")
        try:
            known = Known(
                new,
                Kept(wall) if new else msgspec.msgpack.decode(parts[_KEPT], type=Kept),
                Written(parts, tables["minutes"], self._store.read("journal")),
                tables["coverage"],
                {str(name): msgspec.msgpack.decode(row, type=StreamFacts) for name, row in streams.items()},
                [msgspec.msgpack.decode(row, type=Checkpoint) for row in checkpoints.values()],
            )
        except (msgspec.DecodeError, ValueError) as error:
            raise DamagedError(f"it holds what nobody can read: {error}") from None
        self._saved = {"streams": dict(streams), "checkpoints": dict(checkpoints)}
        return known

    def begin_anew(self, reason: str, wall: datetime) -> None:
        """Put the file aside, since it is damaged, and keep the state in a new one. Raises `ConfigError`."""
        self._store.close()
        self._store = self._begin_anew(reason, wall)

    @property
    def waiting(self) -> bool:
        """Whether something could not be stored yet; it comes before all else."""
        return bool(self._waiting)

    def gather(
        self,
        books: Books,
        entries: list[Entry],
        checkpoints: Iterable[Checkpoint],
        facts: Mapping[str, StreamFacts],
        coverage: CoverageMinutes,
        gone: Iterable[int],
        kept: Kept,
        wall: datetime,
        *,
        whole: bool = False,
    ) -> None:
        """Have what changed since the last time stored by the next `store`; `gone` are minutes that are too old."""
        changes = Changes()
        if whole:
            books.write_whole(changes)
        else:
            books.write(entries, wall, changes)
        rows: dict[str, dict[Key, bytes]] = {
            "streams": {name: msgspec.msgpack.encode(known) for name, known in facts.items()},
            "checkpoints": {_key(point): msgspec.msgpack.encode(point) for point in checkpoints},
        }
        for table, after in rows.items():
            changes.rows[table] = changed_rows(self._saved[table], after)
        self._saved = rows
        for minute in gone:
            changes.put("coverage", minute, None)
        for minute in coverage.changed:
            changes.put("coverage", minute, coverage.state(minute))
        coverage.written()
        kept.commits += 1
        kept.damages, kept.earliest, kept.latest = coverage.damages, coverage.earliest, coverage.latest
        changes.put("parts", _KEPT, msgspec.msgpack.encode(kept))
        self._waiting.append(changes)

    def store(self) -> bool:
        """Store all that waits, in one transaction; return whether that succeeded. If not, it goes on waiting."""
        try:
            self._store.commit(self._waiting)
        except sqlite3.Error as error:
            self.failures += 1
            self.failure = (
                f"{self._store.path}: cannot be written ({error}); nothing is lost, it is tried again"
            )
            return False
        self._waiting.clear()
        self.failure = None
        return True

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def _begin_anew(self, reason: str, wall: datetime) -> Store:
        try:
            aside: Path = quarantine(self._place, wall)
            store = Store(self._place)
        except (OSError, DamagedError) as error:
            raise ConfigError(
                f"{self._place.folder}: the state is damaged, and cannot be put aside: {error}"
            ) from None
        self.damage = (
            f"{store.path}: is damaged ({reason}); it was put aside as {aside.name}, counting begins anew"
        )
        self._saved = {"streams": {}, "checkpoints": {}}
        return store


def _key(point: Checkpoint) -> str:
    return f"{point.serial} {point.stream}" if isinstance(point, FileCheckpoint) else point.stream
