"""What can be set, on the command line or in the environment; every default needs no server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .images import ImageSource, ImageStore, choose_source
from .parsing import Parser, choose_parser

DEFAULT_DATABASE = "sqlite:///logwatch-pipeline/pipeline.db"
DEFAULT_IMAGES = "logwatch-pipeline/images"
DEFAULT_MODEL = "gpt-4o-mini"
MAX_UPLOAD_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are. `None` for an endpoint: the part that needs no server does the work."""

    database_url: str = field(default=DEFAULT_DATABASE, repr=False)  # may hold a password
    image_store: str = DEFAULT_IMAGES
    catalogue: Path | None = None
    image_search: str | None = None
    parser_endpoint: str | None = None
    parser_key: str | None = field(default=None, repr=False)
    parser_model: str = DEFAULT_MODEL

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], database_url: str | None = None) -> Settings:
        """Return the settings of the environment; a database URL given wins over `LOGWATCH_DB`.

        Reads `LOGWATCH_DB`, `LOGWATCH_IMAGES`, `LOGWATCH_CATALOGUE`, `LOGWATCH_IMAGE_SEARCH`,
        `LOGWATCH_PARSER_URL`, `LOGWATCH_PARSER_KEY` and `LOGWATCH_PARSER_MODEL`.
        """
        catalogue = environment.get("LOGWATCH_CATALOGUE")
        return cls(
            database_url or environment.get("LOGWATCH_DB") or DEFAULT_DATABASE,
            environment.get("LOGWATCH_IMAGES") or DEFAULT_IMAGES,
            Path(catalogue) if catalogue else None,
            environment.get("LOGWATCH_IMAGE_SEARCH") or None,
            environment.get("LOGWATCH_PARSER_URL") or None,
            environment.get("LOGWATCH_PARSER_KEY") or None,
            environment.get("LOGWATCH_PARSER_MODEL") or DEFAULT_MODEL,
        )

    def open_parser(self) -> Parser:
        """Return the parser these settings choose; raises PipelineError."""
        return choose_parser(self.parser_endpoint, self.parser_key, self.parser_model)

    def open_source(self) -> ImageSource:
        """Return the image source these settings choose; raises PipelineError."""
        return choose_source(self.catalogue, self.image_search)

    def open_store(self) -> ImageStore:
        """Return the image store; raises PipelineError."""
        return ImageStore(self.image_store)
