"""Which parser reads the files."""

from __future__ import annotations

from logwatch.pipeline.calls import checked_endpoint

from .http import HttpParser
from .parser import Parser


def choose_parser(endpoint: str | None, api_key: str | None, model: str) -> Parser:
    """Return the HTTP parser where an endpoint is configured, else the one that reads tables itself.

    Raises PipelineError for an endpoint that is no URL.
    """
    if endpoint is not None:
        return HttpParser(checked_endpoint("LOGWATCH_PARSER_URL", endpoint), api_key, model)
    # pandas takes most of a second to import: only workers need it, and at their start, not in the first
    # order.
    from .tables import TableParser  # noqa: PLC0415

    return TableParser()
