"""The decoder of gzip members (RFC 1952): Intel's ISA-L, at five times the speed of zlib."""

from __future__ import annotations

from isal import igzip_lib
from isal.isal_zlib import error as IsalError  # noqa: N812  an exception, named like one

from logwatch.sources.compression import DamagedError


class GzipDecoder:
    """Decodes one member; header, length and CRC are checked."""

    def __init__(self) -> None:
        self._decoder = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without further stored bytes."""
        return self._decoder.needs_input

    @property
    def unused_data(self) -> bytes:
        """What followed the member in the bytes given last."""
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most `max_length` decoded bytes. Raises `DamagedError`."""
        try:
            return self._decoder.decompress(data, max_length)
        except IsalError as error:  # type: ignore[misc]  # its stub takes the class for an instance
            raise DamagedError from error
