"""The web configuration as its files are now: read again when one of them has changed, as exporter-toolkit does."""

from __future__ import annotations

import contextlib
import logging
import ssl
from dataclasses import dataclass
from pathlib import Path

from logwatch.errors import ConfigError
from logwatch.serve.http.web_config import WebConfig, load_web_config

log = logging.getLogger(__name__)

_Sight = tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Web:
    """A configuration, and the TLS context that its certificates made (None: plain HTTP)."""

    config: WebConfig
    context: ssl.SSLContext | None


class WebFile:
    """`web.yml`, or none. Not for several threads.

    What cannot be read lets nobody in until it is mended: the old users may be those who were to be locked out.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: dict[Path, _Sight] = {}
        self._web = Web(WebConfig(), None)
        self._told = ""
        self._read()

    def current(self) -> Web:
        """Return what the files say now. Raises `ConfigError` with all that is wrong with them."""
        # what is wrong is read at every look: the remedy may lie in a file that was never seen
        if self._told or any(_sight(file) != seen for file, seen in self._seen.items()):
            try:
                self._read()
            except ConfigError as error:
                if self._told != str(error):
                    log.error("nobody is let in until the web configuration is mended:\n%s", error)
                self._told = str(error)
                raise
            self._told = ""
        return self._web

    def context(self) -> ssl.SSLContext | None:
        """Return the TLS context for a new connection: the last one that was right, to tell what is wrong over it."""
        with contextlib.suppress(ConfigError):
            self.current()
        return self._web.context

    def _read(self) -> None:
        if self._path is None:
            return
        # looked at before they are read: what changes meanwhile is read again
        seen = {file: _sight(file) for file in {self._path, *self._seen}}
        config = load_web_config(self._path)
        files = (self._path, *(config.tls.files if config.tls else ()))
        try:
            self._web = Web(config, config.tls.context() if config.tls else None)
        except OSError as error:  # replaced since it was found to be right
            raise ConfigError(f"{self._path}: a certificate changed while it was read ({error})") from None
        self._seen = {file: seen.get(file) for file in files}


def _sight(file: Path) -> _Sight:
    """Return what changes whenever the file does."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_dev, found.st_ino)
