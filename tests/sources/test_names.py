"""Names on the command line: which files a file name, a directory and a glob stand for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.sources.world import TEXT, names, pipe_of, read, refused, source, sources


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory that names are relative to."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(TEXT + path.encode("utf-8", "surrogateescape"))


def test_a_file_is_called_as_people_wrote_it(logs: Path) -> None:
    write("app.log")
    assert names(sources("./app.log")) == ["./app.log"]
    assert read(source("./app.log")) == TEXT + b"app.log"


def test_sources_keep_the_order_of_their_names(logs: Path) -> None:
    write("a.log", "b.log", "c.log")
    assert names(sources("c.log", "a.log", "b.log")) == ["c.log", "a.log", "b.log"]


def test_a_directory_gives_its_logs_sorted_and_not_what_lies_beside_them(logs: Path) -> None:
    write("d/b.log", "d/a.log.1", "d/a.log", "d/no_ending", "d/.hidden", "d/#a.log#", "d/a.log~")
    write("d/.a.swp", "d/x.swp", "d/x.tmp", "d/x.pid", "d/x.lock", "d/below/c.log", "elsewhere/e.log")
    os.mkfifo("d/fifo")
    Path("d/linked.log").symlink_to("../elsewhere/e.log")
    Path("d/linked_directory").symlink_to("../elsewhere")
    found = sources("d")
    assert names(found) == ["d/a.log", "d/a.log.1", "d/b.log", "d/linked.log", "d/no_ending"]
    assert read(found[3]) == TEXT + b"elsewhere/e.log"


def test_a_broken_link_in_a_directory_is_noticed(logs: Path) -> None:
    Path("d").mkdir()
    Path("d/current.log").symlink_to("gone.log")
    assert refused(source("d")) == "is a symbolic link to 'gone.log', which does not exist"


def test_a_directory_without_logs_says_so(logs: Path) -> None:
    write("d/below/c.log", "d/.hidden")
    found = source("d")
    assert found.name == "d"
    assert refused(found) == "is a directory without logs; hidden files and sub-directories are not read"


def test_a_directory_with_a_slash_at_its_end_is_a_directory(logs: Path) -> None:
    write("d/a.log")
    assert names(sources("d/")) == ["d/a.log"]


def test_a_slash_after_a_file_is_an_error(logs: Path) -> None:
    write("a.log")
    assert refused(source("a.log/")) == "does not exist: a part of its path is a file, not a directory"


def test_a_glob_gives_the_files_that_it_matches_sorted(logs: Path) -> None:
    write("b.log", "a.log", "a.txt", ".hidden.log", "d/c.log")
    Path("directory.log").mkdir()
    os.mkfifo("fifo.log")
    assert names(sources("*.log")) == ["a.log", "b.log"]
    assert names(sources("?.[lt]*")) == ["a.log", "a.txt", "b.log"]
    assert names(sources("*/c.log")) == ["d/c.log"]


def test_a_hidden_file_is_matched_by_a_glob_that_begins_with_a_dot(logs: Path) -> None:
    write(".hidden.log", "a.log")
    assert names(sources(".*.log")) == [".hidden.log"]


def test_two_stars_stand_for_any_number_of_directories(logs: Path) -> None:
    write("d/a.log", "d/x/b.log", "d/x/y/c.log", "d/.hidden/d.log", "d/x/b.txt")
    assert names(sources("d/**/*.log")) == ["d/a.log", "d/x/b.log", "d/x/y/c.log"]
    assert names(sources("d/**")) == ["d/a.log", "d/x/b.log", "d/x/b.txt", "d/x/y/c.log"]
    assert names(sources("**/y/*")) == ["d/x/y/c.log"]


def test_two_stars_end_in_a_loop_of_links(logs: Path) -> None:
    write("d/a.log")
    Path("d/again").symlink_to(".")
    assert names(sources("d/**/*.log")) == ["d/a.log"]


def test_a_glob_follows_links_to_files(logs: Path) -> None:
    write("store/1.log")
    Path("current.log").symlink_to("store/1.log")
    Path("broken.log").symlink_to("store/2.log")
    found = sources("*.log")
    assert names(found) == ["broken.log", "current.log"]
    assert refused(found[0]) == "is a symbolic link to 'store/2.log', which does not exist"
    assert read(found[1]) == TEXT + b"store/1.log"


def test_an_absolute_glob_gives_absolute_names(logs: Path) -> None:
    write("a.log")
    assert names(sources(f"{logs}/*.log")) == [f"{logs}/a.log"]


def test_a_glob_that_matches_nothing_says_so(logs: Path) -> None:
    found = source("*.log")
    assert found.name == "*.log"
    assert refused(found) == "matches no file"


def test_a_glob_below_a_loop_of_links_says_what_it_could_not_look_into(logs: Path) -> None:
    Path("loop").symlink_to("loop")
    found = source("loop/*.log")
    assert found.name == "loop"
    assert refused(found) == "is a symbolic link that leads back to itself"


def test_a_file_whose_name_looks_like_a_glob_is_taken_for_itself(logs: Path) -> None:
    write("app[1].log", "app1.log")
    assert names(sources("app[1].log")) == ["app[1].log"]


def test_a_file_called_like_the_glob_that_matches_it_hides_no_others(logs: Path) -> None:
    write("*.log", "a.log")
    assert names(sources("*.log")) == ["*.log", "a.log"]


@pytest.mark.parametrize(
    "others",
    [["./a.log"], ["sub/../a.log"], ["link.log"], ["hard.log"], ["*.log"], ["a*", "*.log", "**"], ["."]],
)
def test_a_file_that_several_names_lead_to_is_read_once(logs: Path, others: list[str]) -> None:
    write("a.log")
    Path("sub").mkdir()
    Path("link.log").symlink_to("a.log")
    Path("hard.log").hardlink_to("a.log")
    assert names(sources("a.log", *others)) == ["a.log"]


def test_two_files_with_the_same_bytes_are_two_sources(logs: Path) -> None:
    Path("a.log").write_bytes(TEXT)
    Path("b.log").write_bytes(TEXT)
    assert names(sources("a.log", "b.log")) == ["a.log", "b.log"]


def test_a_missing_file_named_twice_is_told_once(logs: Path) -> None:
    assert names(sources("gone.log", "./gone.log", "gone.log")) == ["gone.log"]


def test_a_directory_through_another_spelling_is_read_once(logs: Path) -> None:
    write("d/a.log")
    Path("e").symlink_to("d")
    assert names(sources("d", "e", "./d", "d/*")) == ["d/a.log"]


def test_a_file_called_minus_is_reached_by_its_path(logs: Path) -> None:
    write("-")
    with pipe_of(b"from the pipe\n") as stdin:
        found = sources("-", "./-", stdin=stdin)
        assert names(found) == ["<stdin>", "./-"]
        assert [read(one) for one in found] == [b"from the pipe\n", TEXT + b"-"]


@pytest.mark.parametrize(
    "name",
    [
        "new\nline.log",
        "\x1b[31mred.log",
        " spaces .log",
        "\udcff.log",
        "日志.log",
        "~",
        "%s{0}.log",
        "--help",
    ],
)
def test_hostile_names_are_names_like_others(logs: Path, name: str) -> None:
    write(name)
    assert read(source(name)) == TEXT + name.encode("utf-8", "surrogateescape")
    if name != "~":
        assert names(sources("*")) == [name]


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800.log"])
def test_what_cannot_be_a_name_is_refused(logs: Path, name: str) -> None:
    found = source(name)
    assert found.name == name
    assert refused(found) == "is not the name of a file"


def test_a_name_that_is_too_long_is_refused(logs: Path) -> None:
    assert refused(source("x" * 300)) == "cannot be opened: file name too long"


def test_no_names_give_no_sources(logs: Path) -> None:
    assert sources() == []
