"""Waking: file system events only end a wait early; what happened is found out by looking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Lock

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

_SETTLE_MS = 50
"""How long events are gathered: a busy writer would wake without a pause."""


class Waker:
    """Waits for something to happen in the directories that `directories` returns.

    Events may be missed (overflow, network file systems, no watches left, directories that come and go): then a wait
    takes as long as it was asked to.
    """

    def __init__(self, directories: Callable[[], Iterable[str]]) -> None:
        self._directories = directories
        self._watched: frozenset[tuple[str, int]] = frozenset()
        self._notify: RustNotify | None = None
        self._stopped = _Stopped()

    def wait(self, timeout: float) -> bool:
        """Block until something happens, `stop` is called, or `timeout` seconds have passed (then False)."""
        if timeout <= 0 or self._stopped.is_set():
            return self._stopped.is_set()
        self._watch()
        if self._notify is None:
            return self._stopped.wait(timeout)
        try:
            happened = self._notify.watch(_SETTLE_MS, _SETTLE_MS, max(int(timeout * 1000), 1), self._stopped)
        except (OSError, RuntimeError):
            self.close()
            return self._stopped.wait(timeout)
        return happened != "timeout"

    def stop(self) -> None:
        """End the wait, from another thread or a signal handler, and all later ones."""
        self._stopped.set()

    def close(self) -> None:
        """Give up the watches; the next wait sets new ones."""
        if self._notify is not None:
            self._notify.close()
        self._notify, self._watched = None, frozenset()

    def _watch(self) -> None:
        """Watch the directories, anew where one of them has come, gone or been made again."""
        wanted = frozenset(_numbered(self._directories()))
        if self._notify is not None and wanted == self._watched:
            return
        self.close()
        if not wanted:
            return
        paths = sorted(path for path, _ in wanted)
        try:
            self._notify = RustNotify(paths, False, False, 0, False, True)
        except (OSError, WatchfilesRustInternalError):
            return
        self._watched = wanted


class _Stopped:
    """Says once and for all that the wait is over.

    Unlike `threading.Event`, which takes a lock to be set, it may be set by a signal handler of the thread that waits.
    """

    def __init__(self) -> None:
        self._set = False
        self._until = Lock()
        self._until.acquire()

    def set(self) -> None:
        if not self._set:
            self._set = True
            self._until.release()

    def is_set(self) -> bool:
        return self._set

    def wait(self, timeout: float) -> bool:
        if self._until.acquire(timeout=timeout):
            self._until.release()
        return self._set


def _numbered(directories: Iterable[str]) -> Iterator[tuple[str, int]]:
    for directory in directories:
        try:
            yield directory, Path(directory).stat().st_ino
        except OSError:
            continue
