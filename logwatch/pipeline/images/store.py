"""Keeps image files through fsspec: in a folder by default, or in any store it knows (`s3://…`)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import fsspec  # type: ignore[import-untyped]

from logwatch.pipeline.errors import PermanentError, PipelineError

from .source import MAX_IMAGE_BYTES, suffix_of


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A kept file: its content's hash, and its path as fsspec is told it."""

    sha256: str
    path: str


class ImageStore:
    """Files are named by their content, so that storing one twice is storing it once."""

    def __init__(self, url: str) -> None:
        try:
            self._files, root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise PipelineError(f"image store '{url}': {error}") from None
        self._root = str(root).rstrip("/")

    def put(self, content: bytes) -> StoredImage:
        """Keep an image; raises PermanentError for what is no image or too large."""
        suffix = suffix_of(content)
        if suffix is None:
            raise PermanentError("not an image: expected PNG, JPEG, GIF or WebP")
        if len(content) > MAX_IMAGE_BYTES:
            raise PermanentError(f"the image is {len(content)} bytes, over {MAX_IMAGE_BYTES}")
        digest = hashlib.sha256(content).hexdigest()
        folder = f"{self._root}/{digest[:2]}"
        path = f"{folder}/{digest}{suffix}"
        if not self._files.exists(path):
            self._files.makedirs(folder, exist_ok=True)
            # Written aside first: a reader, or a worker that died here, must never find half a file under its
            # name.
            aside = f"{folder}/.{digest}.{secrets.token_hex(8)}"
            self._files.pipe_file(aside, content)
            self._files.mv(aside, path)
        return StoredImage(digest, path)

    def get(self, path: str) -> bytes:
        """Return a kept file's content; raises FileNotFoundError."""
        content = self._files.cat_file(path)
        return bytes(content)
