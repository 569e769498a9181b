"""YAML that people get wrong: each fault is told with its place and the remedy, all of a file at once."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.errors import ConfigError
from logwatch.yamlfiles.fieldtypes import Texts
from logwatch.yamlfiles.nodes import MAX_NODES, YamlMapping, YamlText, shown
from logwatch.yamlfiles.reader import Reader


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "some.yml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def said(path: Path) -> list[str]:
    """What a plain read says, without the folder."""
    reader = Reader()
    reader.read(path)
    return [str(problem).replace(f"{path.parent}/", "") for problem in reader.problems]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: 1\n\tb: 2\n", "some.yml:2: a tab where YAML allows only spaces; indent with spaces"),
        ("rules:\n\t- id: x\n", "some.yml:2: a tab where YAML allows only spaces; indent with spaces"),
        ("a: 1\nb: 2\na: 3\n", "some.yml:3: key 'a' occurs twice (first on line 1); remove one"),
        ("x: &x k\n*x : 1\n? *x\n: 2\n", "some.yml:3: key 'k' occurs twice (first on line 1); remove one"),
        (
            "a: !!python/object/apply:os.system [id]\n",
            "some.yml:1: tag tag:yaml.org,2002:python/object/apply:os.system is not allowed; "
            "write the plain value",
        ),
        ("a: 1\n---\nb: 2\n", "some.yml:2: a second document begins (---); keep one per file"),
        ("a: &x [*x]\n", "some.yml:1: alias *x names no anchor that is complete here"),
        ("a: *nowhere\n", "some.yml:1: alias *nowhere names no anchor that is complete here"),
        ("[a, b]: 1\n", "some.yml:1: a key must be a text, not a list"),
        ("[" * 3000, "some.yml:1: is nested deeper than 32 levels; flatten it"),
        ("a: b\x07\n", "some.yml:1: control character U+0007; remove it, or write \\x.. in double quotes"),
        (b"a: 1\nb: \xff\n", "some.yml:2: byte 0xff is not UTF-8; save it as UTF-8"),
        (
            "a: 'open\n",
            "some.yml:2: is not YAML: found unexpected end of stream; check quotes and indentation",
        ),
        (b"#" * ((1 << 20) + 1), "some.yml: is larger than 1 MiB; split it"),
    ],
)
def test_each_fault_names_its_line_and_the_remedy(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = write(tmp_path, content)
    assert said(path) == [message]


def test_a_billion_laughs_are_refused_before_they_are_told(tmp_path: Path) -> None:
    levels = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    [message] = said(write(tmp_path, "\n".join(levels)))
    assert message.startswith("some.yml:")
    assert f"holds more than {MAX_NODES:,} values once aliases are expanded" in message


def test_a_ladder_of_aliases_is_as_deep_as_what_it_expands_to(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200)]
    assert said(write(tmp_path, "\n".join(levels))) == [
        "some.yml:31: is nested deeper than 32 levels; flatten it"
    ]


def test_files_that_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "folder.yml").mkdir()
    assert said(tmp_path / "folder.yml") == ["folder.yml: is a directory; name a YAML file"]
    assert said(tmp_path / "pipe.yml") == ["pipe.yml: is not a regular file; copy it into one"]
    assert said(tmp_path / "none.yml") == [
        "none.yml: cannot be read (No such file or directory); check the path and its permissions"
    ]
    assert "embedded null byte" in said(tmp_path / "a\0b.yml")[0]


def test_every_problem_is_raised_at_once_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "wndow: 1\nname: NO\nsize: many\nfloor: 2\nafter: 12\nlevel: hgh\nflag: yes\n")
    reader = Reader()
    root = reader.read(path)
    assert root is not None
    rule = reader.inside("rule 'x'")
    known = ("window", "name", "size", "floor", "after", "level", "flag")
    fields = rule.mapping(root, "the rule", known)
    assert fields is not None
    assert rule.boolean(fields["flag"], "'flag'") is None
    assert rule.choice(fields["level"], "'level'", ("high", "low")) is None
    assert rule.span(fields["after"], "'after'") is None
    assert rule.number(fields["floor"], "'floor'", lambda x: 0 < x < 1, "between 0 and 1") is None
    assert rule.integer(fields["size"], "'size'") is None
    assert rule.text(fields["name"], "'name'") is None
    with pytest.raises(ConfigError) as caught:
        reader.raise_problems()
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        "some.yml:1: rule 'x': unknown key 'wndow'; did you mean 'window'?",
        "some.yml:2: rule 'x': 'name' must be a text, and YAML reads NO as true or false; "
        "put it in quotes: 'NO'",
        "some.yml:3: rule 'x': 'size' must be a whole number, not 'many'",
        "some.yml:4: rule 'x': 'floor' is 2; it must be between 0 and 1",
        "some.yml:5: rule 'x': 'after' is '12', which is no time span; write it like 90s, 30m or 1h30m",
        "some.yml:6: rule 'x': 'level' is 'hgh', which is none of high, low; did you mean 'high'?",
        "some.yml:7: rule 'x': 'flag' must be true or false, not 'yes'",
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "'x' is empty; it must be a text"),
        ("~", "'x' is empty; it must be a text"),
        ("on", "'x' must be a text, and YAML reads on as true or false; put it in quotes: 'on'"),
        ("12", "'x' must be a text, and YAML reads 12 as a number; put it in quotes: '12'"),
        ("[a]", "'x' must be a text, not a list"),
        ("{a: b}", "'x' must be a text, not a mapping"),
    ],
)
def test_where_a_text_is_wanted_only_a_text_will_do(tmp_path: Path, value: str, message: str) -> None:
    reader = Reader()
    root = reader.read(write(tmp_path, f"x: {value}\n"))
    assert isinstance(root, YamlMapping)
    assert reader.text(root.entries[0][1], "'x'") is None
    assert [p.message for p in reader.problems] == [message]


def test_values_say_what_they_say(tmp_path: Path) -> None:
    reader = Reader()
    root = reader.read(
        write(tmp_path, "\ufeffa: 'NO'\nb: 4m\nc: 0.8\nd: 3\ne: [x, 'y']\nf: |\n  two\n  lines\ng: true\n")
    )
    assert root is not None
    fields = reader.mapping(root, "the file")
    assert fields is not None
    assert reader.text(fields["a"], "a") == "NO"
    assert reader.span(fields["b"], "b") == timedelta(minutes=4)
    assert reader.number(fields["c"], "c", lambda x: x < 1, "less than 1") == 0.8
    assert reader.integer(fields["d"], "d", least=1) == 3
    assert Texts().read(reader, fields["e"], "e") == ("x", "y")
    assert reader.text(fields["f"], "f") == "two\nlines\n"
    assert reader.boolean(fields["g"], "g") is True
    assert [fields[name].location.line for name in "abcdef"] == [1, 2, 3, 4, 5, 6]
    reader.raise_problems()


def test_an_empty_file_is_an_empty_text(tmp_path: Path) -> None:
    root = Reader().read(write(tmp_path, "# nothing yet\n"))
    assert isinstance(root, YamlText)
    assert root.empty


def test_problems_are_bounded(tmp_path: Path) -> None:
    reader = Reader()
    root = reader.read(write(tmp_path, "".join(f"k{n}: 1\n" for n in range(500))))
    assert root is not None
    reader.mapping(root, "the file", ("known",))
    with pytest.raises(ConfigError) as caught:
        reader.raise_problems()
    assert len(caught.value.problems) == 101
    assert caught.value.problems[-1].message == "more problems follow; mend these first"


def test_what_is_shown_cannot_drive_a_terminal() -> None:
    assert shown("a\x1b[31m\nb\u202e") == "a\\x1b[31m\\nb\\u202e"
    assert shown("x" * 100, 10) == "xxxxxxxxx…"


@given(st.text(max_size=200))
def test_no_text_ends_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    reader = Reader()
    assert (reader.read(path) is None) <= bool(reader.problems)
