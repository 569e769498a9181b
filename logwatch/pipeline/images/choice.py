"""Which image source is asked."""

from __future__ import annotations

from pathlib import Path

from logwatch.pipeline.calls import checked_endpoint
from logwatch.pipeline.errors import PipelineError

from .catalogue import Catalogue
from .search import HttpImageSearch
from .source import ImageSource


def choose_source(catalogue: Path | None, endpoint: str | None) -> ImageSource:
    """Return the HTTP search where one is configured, else a catalogue: the folder given, or the shipped one.

    Raises PipelineError for an endpoint that is no URL, or a folder that is no catalogue.
    """
    if endpoint is not None:
        return HttpImageSearch(checked_endpoint("LOGWATCH_IMAGE_SEARCH", endpoint))
    folder = catalogue or Path(__file__).parent / "catalogue"
    if not (folder / "index.json").is_file():
        raise PipelineError(f"{folder}: no image catalogue: it has no index.json")
    return Catalogue.open(folder)
