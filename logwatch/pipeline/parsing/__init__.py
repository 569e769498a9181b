"""From an uploaded file to the lines of an order: one protocol, two parsers."""

from .choice import choose_parser
from .document import ParsedDocument, ParsedLine
from .parser import Parser

__all__ = ["ParsedDocument", "ParsedLine", "Parser", "choose_parser"]
