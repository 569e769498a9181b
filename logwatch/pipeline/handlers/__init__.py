"""One handler per stage, in one visible table."""

from __future__ import annotations

from logwatch.pipeline.engine.context import Handler
from logwatch.pipeline.stages import StageName

from .attachment import attach_images
from .background import find_images
from .drafts import create_drafts
from .parsing import parse_upload
from .saving import save_lines
from .seams import Seams
from .status import complete_order
from .tools import Tools


def build_handlers(tools: Tools, seams: Seams) -> dict[StageName, Handler]:
    """Return the handler of every stage."""
    return {
        StageName.AI_PARSING: parse_upload(tools),
        StageName.DATABASE_SAVE: save_lines,
        StageName.PRODUCT_DRAFT_CREATION: create_drafts,
        StageName.IMAGE_ATTACHMENT: attach_images(seams),
        StageName.STATUS_UPDATE: complete_order,
        StageName.BACKGROUND_IMAGE_PROCESSING: find_images(tools, seams),
    }


__all__ = ["Seams", "Tools", "build_handlers"]
