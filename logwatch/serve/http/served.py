"""What is served: the exporter, as far as this side of it can see."""

from __future__ import annotations

from typing import Protocol

from prometheus_client import CollectorRegistry

from logwatch.serve.snapshot import Loaded, Snapshot


class Served(Protocol):
    """An exporter. Everything but `start` and `stop` may be asked from any thread, at any time."""

    @property
    def snapshot(self) -> Snapshot:
        """What is known now, whole."""
        ...

    @property
    def registry(self) -> CollectorRegistry:
        """The metrics."""
        ...

    def reload(self) -> Loaded:
        """Read the configuration and the rules again; what is wrong with them is said, not raised."""
        ...

    def start(self) -> None:
        """Begin to follow the logs."""
        ...

    def stop(self) -> None:
        """Stop, once everything that was counted is stored."""
        ...
