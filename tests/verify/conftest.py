from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.world import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder in which a deployment called d1 is marked."""
    place = Place(tmp_path)
    place.mark()
    return place
