"""Where product images come from, and where they are kept."""

from .choice import choose_source
from .source import FoundImage, ImageSource
from .store import ImageStore

__all__ = ["FoundImage", "ImageSource", "ImageStore", "choose_source"]
