"""What can be set in the environment, and that none of it needs a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwatch.pipeline.errors import PipelineError
from logwatch.pipeline.images.catalogue import Catalogue
from logwatch.pipeline.images.search import HttpImageSearch
from logwatch.pipeline.parsing.http import HttpParser
from logwatch.pipeline.parsing.tables import TableParser
from logwatch.pipeline.settings import Settings


def test_an_empty_environment_needs_no_server() -> None:
    settings = Settings.from_environment({"LOGWATCH_DB": "", "LOGWATCH_PARSER_URL": ""})
    assert settings == Settings()
    assert settings.database_url == "sqlite:///logwatch-pipeline/pipeline.db"
    assert isinstance(settings.open_parser(), TableParser)
    assert isinstance(settings.open_source(), Catalogue)


def test_the_environment_names_databases_stores_and_endpoints(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text("{}")
    environment = {
        "LOGWATCH_DB": "postgresql+psycopg://u:secret@h/db",
        "LOGWATCH_IMAGES": str(tmp_path / "images"),
        "LOGWATCH_CATALOGUE": str(tmp_path),
        "LOGWATCH_PARSER_URL": "http://127.0.0.1:9/v1",
        "LOGWATCH_PARSER_KEY": "sk-secret",
        "LOGWATCH_PARSER_MODEL": "other",
    }
    settings = Settings.from_environment(environment)
    assert settings.open_parser() == HttpParser("http://127.0.0.1:9/v1", "sk-secret", "other")
    assert settings.open_source() == Catalogue.open(tmp_path)
    search = Settings.from_environment({**environment, "LOGWATCH_IMAGE_SEARCH": "http://127.0.0.1:9/find"})
    assert search.open_source() == HttpImageSearch("http://127.0.0.1:9/find")
    assert "secret" not in repr(settings)


def test_a_database_given_on_the_command_line_wins() -> None:
    assert Settings.from_environment({"LOGWATCH_DB": "a"}, "b").database_url == "b"


def test_a_catalogue_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    settings = Settings.from_environment({"LOGWATCH_CATALOGUE": str(tmp_path)})
    with pytest.raises(PipelineError) as caught:
        settings.open_source()
    assert str(caught.value) == f"{tmp_path}: no image catalogue: it has no index.json"
