"""The README shows what really comes out: its console blocks are run, its commands exist, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import datetime
from pathlib import Path

import click
import pytest

from logwatch.cli import logwatch, settings
from tests.cli.command import run

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
CONSOLE = re.compile(
    r"(?:<!-- session: (?P<folder>\S+) -->\n)?```console\n(?P<shown>\$ logwatch .*?)```", re.DOTALL
)
COMMAND = re.compile(
    r"^\$ logwatch (?P<words>.*?)(?:\s+# (?P<moment>\d{4}-\d\d-\d\d \d\d:\d\d) UTC)?$", re.MULTILINE
)


def blocks() -> list[re.Match[str]]:
    return list(CONSOLE.finditer(README.read_text(encoding="utf-8")))


@pytest.mark.parametrize("block", blocks(), ids=lambda block: COMMAND.search(block["shown"])["words"])
def test_a_console_block_shows_what_its_commands_print(
    block: re.Match[str], request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session is one in a copy of its folder; a command is run at the moment that is written beside it."""
    directory = ROOT
    if block["folder"]:
        directory = shutil.copytree(ROOT / block["folder"], tmp_path / "session")
    shown = ""
    for command in COMMAND.finditer(block["shown"]):
        if command["moment"]:
            moment = datetime.fromisoformat(f"{command['moment']}Z")
            monkeypatch.setattr(settings, "now", lambda moment=moment: moment)
        result = run(*shlex.split(command["words"]), directory=directory)
        assert block["folder"] or not result.err
        shown += f"{command[0]}\n{result.err}{result.out}"
    if request.config.getoption("--refresh-golden"):
        text = README.read_text(encoding="utf-8")
        README.write_text(text.replace(block["shown"], shown), encoding="utf-8")
    else:
        assert block["shown"] == shown


def test_there_are_console_blocks() -> None:
    assert len(blocks()) >= 3


def test_the_two_commands_set_up_an_environment_of_their_own() -> None:
    commands = re.findall(r"```sh\n(python3 -m venv [^\n]+)\n```", README.read_text(encoding="utf-8"))
    assert len(commands) == 2
    assert ".venv/bin/logwatch check fixtures/" in commands[0]
    assert commands[1].endswith(".venv/bin/python -m pytest -q -n auto --cov")


def commands(group: click.Group, context: click.Context, prefix: str) -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append((f"{prefix} {name}", command))
        if isinstance(command, click.Group):
            found += commands(command, context, f"{prefix} {name}")
    return found


def test_every_command_and_option_is_explained_by_its_help() -> None:
    context = click.Context(logwatch)
    for path, command in commands(logwatch, context, "logwatch"):
        assert command.help, path
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert parameter.help, f"{path} --{parameter.name}"


def test_no_list_of_commands_is_cut_short() -> None:
    context = click.Context(logwatch, terminal_width=80)
    groups = [
        command for _, command in commands(logwatch, context, "logwatch") if isinstance(command, click.Group)
    ]
    for group in groups:
        with click.Context(group, terminal_width=80) as inner:
            assert "...\n" not in f"{group.get_help(inner)}\n".split("\nCommands:")[1], group.name


def test_every_top_level_command_is_shown() -> None:
    text = README.read_text(encoding="utf-8")
    for name in logwatch.list_commands(click.Context(logwatch)):
        assert f"logwatch {name}" in text, name


def test_links_lead_to_files() -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", README.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


FORBIDDEN = re.compile(r"(?:/(?:work|home|root)/\w|\.\./(?:shared|\.library))")


def test_the_repository_names_no_place_of_a_machine() -> None:
    for path in (*ROOT.glob("logwatch/**/*.py"), *ROOT.glob("rules/**/*"), README, ROOT / "pyproject.toml"):
        if path.is_file():
            assert not FORBIDDEN.search(path.read_text(encoding="utf-8")), path
