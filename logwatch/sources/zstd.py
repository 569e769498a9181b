"""Zstandard frames, decoded block by block so that output stays bounded and a cut is noticed.

The library's own streaming decoder returns all that its input holds at once (4 stored bytes can be 128 KiB),
and its file reader takes the end of a cut file for the end of the data. Feeding it one block at a time, with
the frame's structure followed here (RFC 8878, section 3.1), gives both: at most 128 KiB a step, and the place
where the frame should have gone on.
"""

from __future__ import annotations

from collections.abc import Callable

import zstandard

from logwatch.sources.compression import DamagedError, UndecodableError, too_much_memory

_MAGIC = b"\x28\xb5\x2f\xfd"
_LARGEST_BLOCK = 128 << 10
_RLE, _RESERVED = 1, 3
_DICTIONARY_ID_BYTES = (0, 1, 2, 4)
_CONTENT_SIZE_BYTES = (0, 2, 4, 8)


class ZstdDecoder:
    """Decodes one frame (or passes over one skippable frame) of at most `memory_limit` bytes of window."""

    def __init__(self, memory_limit: int) -> None:
        self._memory_limit = memory_limit
        self._stored = bytearray()
        self._decoded = bytearray()
        self._frame = zstandard.ZstdDecompressor(max_window_size=memory_limit).decompressobj()
        self._step: Callable[[], bool] | None = self._header
        self._to_skip = 0
        self._checksum = False
        self._starved = True

    @property
    def eof(self) -> bool:
        """Whether the frame has ended and all of it was returned."""
        return self._step is None and not self._decoded

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without further stored bytes."""
        return self._starved and not self._decoded

    @property
    def unused_data(self) -> bytes:
        """What followed the frame in the bytes given last."""
        return bytes(self._stored) if self._step is None else b""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most `max_length` decoded bytes. Raises `DamagedError` and `UndecodableError`."""
        self._stored += data
        self._starved = False
        while self._step and len(self._decoded) < max_length and not self._starved:
            self._starved = not self._step()
        decoded = bytes(self._decoded[:max_length])
        del self._decoded[:max_length]
        return decoded

    # Each step takes one part of the frame, sets the next, and returns False when the part is not all there.

    def _header(self) -> bool:
        stored = self._stored
        if len(stored) < 4:
            return False
        if bytes(stored[:4]) != _MAGIC:
            return self._skippable_header()
        if len(stored) < 5:
            return False
        descriptor = stored[4]
        single_segment = bool(descriptor & 0x20)
        dictionary_bytes = _DICTIONARY_ID_BYTES[descriptor & 3]
        content_bytes = _CONTENT_SIZE_BYTES[descriptor >> 6] or int(single_segment)
        length = 5 + (not single_segment) + dictionary_bytes + content_bytes
        if len(stored) < length:
            return False
        if any(stored[length - content_bytes - dictionary_bytes : length - content_bytes]):
            raise UndecodableError("needs a dictionary; decompress it first")
        if single_segment:
            window = int.from_bytes(stored[length - content_bytes : length], "little")
        else:
            base = 1 << (10 + (stored[5] >> 3))
            window = base + base // 8 * (stored[5] & 7)
        if window > self._memory_limit:
            raise too_much_memory()
        self._checksum = bool(descriptor & 4)
        self._feed(length)
        self._step = self._block
        return True

    def _skippable_header(self) -> bool:
        if len(self._stored) < 8:
            return False
        self._to_skip = int.from_bytes(self._stored[4:8], "little")
        del self._stored[:8]
        self._step = self._skip
        return True

    def _skip(self) -> bool:
        skipped = min(self._to_skip, len(self._stored))
        del self._stored[:skipped]
        self._to_skip -= skipped
        if self._to_skip:
            return False
        self._step = None
        return True

    def _block(self) -> bool:
        if len(self._stored) < 3:
            return False
        header = int.from_bytes(self._stored[:3], "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        if kind == _RESERVED or size > _LARGEST_BLOCK:
            raise DamagedError
        length = 3 + (1 if kind == _RLE else size)
        if len(self._stored) < length:
            return False
        self._feed(length)
        if last:
            self._step = self._frame_checksum if self._checksum else self._end
        return True

    def _frame_checksum(self) -> bool:
        if len(self._stored) < 4:
            return False
        self._feed(4)
        self._step = self._end
        return True

    def _end(self) -> bool:
        if not self._frame.eof:
            raise DamagedError
        self._step = None
        return True

    def _feed(self, length: int) -> None:
        part = bytes(self._stored[:length])
        del self._stored[:length]
        try:
            self._decoded += self._frame.decompress(part)
        except zstandard.ZstdError as error:
            raise DamagedError from error
