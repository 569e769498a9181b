"""A folder of images with an index of the words they are known by; a small one is shipped."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from logwatch.pipeline.errors import PipelineError

from .source import MAX_IMAGE_BYTES, FoundImage


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`index.json` maps phrases to file names: `{"green tea": ["green-tea.png", …]}`.

    All words must be in the title.
    """

    folder: Path
    index: Mapping[frozenset[str], tuple[str, ...]]

    @classmethod
    def open(cls, folder: Path) -> Catalogue:
        """Read a catalogue's index; raises PipelineError that names what is wrong with it."""
        path = folder / "index.json"
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise PipelineError(f"{path}: {error}") from None
        if not isinstance(data, dict):
            raise PipelineError(f"{path}: expected an object of phrases and file names")
        index = {}
        for phrase, files in data.items():
            if not isinstance(files, list) or not all(_is_file_name(file) for file in files):
                raise PipelineError(f"{path}: '{phrase}': expected a list of file names in this folder")
            index[_words(phrase)] = tuple(files)
        return cls(folder, index)

    def find(self, title: str, sku: str | None, timeout_seconds: float) -> tuple[FoundImage, ...]:
        """Return the images of the longest phrase whose words are all in the title; see ImageSource."""
        del sku, timeout_seconds  # the catalogue knows titles only, and answers at once
        words = _words(title)
        phrase = max(
            (p for p in self.index if p and p <= words), key=lambda p: (len(p), sorted(p)), default=None
        )
        if phrase is None:
            return ()
        found = []
        for name in self.index[phrase]:
            try:
                content = (self.folder / name).read_bytes()
            except OSError:
                continue  # an index may be ahead of its folder; what is there still helps
            if len(content) <= MAX_IMAGE_BYTES:
                found.append(FoundImage(content, f"catalogue:{name}"))
        return tuple(found)


def _is_file_name(name: object) -> bool:
    # A name with a folder in it could point anywhere.
    return isinstance(name, str) and name not in ("", "..") and Path(name).name == name


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", text.lower()))
