"""GitHub: annotations, worst first, and a summary in which text is only text."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from logwatch.evidence.escape import escape
from logwatch.reports import FORMATS, RenderOptions, render
from logwatch.reports.github_summary import LIMIT, github_summary, markdown
from logwatch.ruleset.model import Severity
from logwatch.verdict.verdict import Status, Verdict
from tests.reports.world import HOSTILE, evidence, failing, healthy, hostile, incident, rule, verdict

COMMANDS = {
    "add-mask",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "set-env",
    "warning",
}


def commands(text: str) -> list[tuple[str, str, str]]:
    """Return (name, properties, data) of what a runner takes for commands, in both of its syntaxes."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        new = re.match(r"\s*::(\S+?)(?: (.*?))?::(.*)", line)
        old = re.search(r"##\[(\S+?)(?: (.*?))?\](.*)", line)
        for match in (new, old):
            if match and match[1] in COMMANDS:
                found.append((match[1], match[2] or "", match[3]))
                break
    return found


def unescaped(text: str) -> str:
    for escaped, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escaped, char)
    return text


def annotations(judged: Verdict) -> list[tuple[str, str, str]]:
    found = commands(render("github", judged, RenderOptions()))
    return [(name, unescaped(properties), unescaped(data)) for name, properties, data in found]


def test_what_decides_is_an_error_and_what_does_not_is_a_warning() -> None:
    judged = verdict(
        rule("w", Status.FAIL, severity=Severity.WARNING, summary="slow"),
        rule("i", Status.INCONCLUSIVE, summary="too few"),
        rule("ok"),
        failing("it broke", rule_id="f", summary="1 match", details=("and more",)),
        rule("u", Status.INCONCLUSIVE, severity=Severity.WARNING, summary="who knows"),
        problems=("a.log: empty",),
    )
    assert annotations(judged) == [
        ("error", "title=f: failed", "1 match\nand more\nworker.log:1  17:35:01Z  it broke"),
        ("error", "title=i: inconclusive", "too few"),
        ("error", "title=logwatch: inconclusive", "a.log: empty"),
        ("warning", "title=u: inconclusive", "who knows"),
        ("warning", "title=w: warning", "slow"),
    ]


def test_the_worst_ten_come_first() -> None:
    rules = [rule(f"i{n}", Status.INCONCLUSIVE) for n in range(12)] + [failing("x", rule_id="f")]
    titles = [properties for _, properties, _ in annotations(verdict(*rules))]
    assert titles[0] == "title=f: failed"
    assert len(titles) == 13


def test_the_verdict_follows_as_a_line_of_text() -> None:
    assert render("github", healthy(), RenderOptions()).splitlines()[-1] == (
        "logwatch: PASS  2 ok; not deciding: 1 warning (workflow)"
    )


@pytest.mark.parametrize(
    ("text", "data"),
    [("50 % of %0A", "50 %25 of %250A"), ("a\nb", r"a\nb"), ("a:b,c", "a:b,c")],
)
def test_data_is_escaped_as_the_runner_unescapes_it(text: str, data: str) -> None:
    (command,) = commands(render("github", verdict(failing("x", summary=text, evidence=())), RenderOptions()))
    assert command == ("error", "title=foreign-key-violation%3A failed", data)


def test_a_title_cannot_add_properties() -> None:
    (command,) = commands(
        render("github", verdict(failing(rule_id="a,file=x::y%", summary="s")), RenderOptions())
    )
    assert command == ("error", "title=a%2Cfile=x%3A%3Ay%25%3A failed", "s")


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "github"])
def test_no_other_report_holds_a_command(name: str) -> None:
    assert commands(render(name, hostile(), RenderOptions())) == []
    assert commands(render(name, hostile(), RenderOptions(width=60))) == []


def test_hostile_text_makes_no_command_of_its_own() -> None:
    assert [(name, title) for name, title, _ in annotations(hostile())] == [
        ("error", "title=foreign-key-violation: failed"),
        ("error", "title=logwatch: inconclusive"),
    ]


def test_a_name_that_begins_like_a_command_is_none() -> None:
    found = evidence("::error::x", source="::error::a.log")
    judged = verdict(failing("x", title="::warning::t", details=("::notice::d",), evidence=(found,)))
    for name in FORMATS:
        told = commands(render(name, judged, RenderOptions()))
        assert len(told) == (name == "github")


# The summary


def parsed(text: str) -> list[Token]:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough").parse(text)
    return [one for token in tokens for one in (token, *(token.children or ()))]


def texts(text: str) -> list[str]:
    return [token.content for token in parsed(text) if token.type == "inline"]


def test_the_summary_has_a_row_a_rule() -> None:
    rows = [token for token in parsed(github_summary(incident())) if token.type == "tr_open"]
    cells = [token for token in parsed(github_summary(incident())) if token.type in {"th_open", "td_open"}]
    assert len(rows) == 1 + len(incident().rules)
    assert len(cells) == 3 * len(rows)


def test_hostile_text_is_text_and_nothing_else() -> None:
    tokens = parsed(github_summary(hostile()))
    kinds = {token.type for token in tokens}
    assert kinds <= {
        *(
            "heading_open",
            "heading_close",
            "inline",
            "text",
            "text_special",
            "paragraph_open",
            "paragraph_close",
        ),
        *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "html_block"),
        *(
            f"{part}_{end}"
            for part in ("table", "thead", "tbody", "tr", "th", "td")
            for end in ("open", "close")
        ),
    }
    assert len([token for token in tokens if token.type == "tr_open"]) == 2
    tags = {
        tag for token in tokens if token.type == "html_block" for tag in re.findall(r"</?\w+", token.content)
    }
    assert tags == {"<details", "<summary", "</summary", "<pre", "</pre", "</details"}


def test_escaped_text_reads_back_as_it_was() -> None:
    tokens = parsed(markdown(HOSTILE))
    assert "".join(token.content for token in tokens if token.type != "inline") == escape(HOSTILE)


@pytest.mark.parametrize(
    "text",
    [
        "- a",
        "1. a",
        "23) a",
        "* a",
        "+ a",
        "# a",
        "> a",
        "=== ",
        "---",
        "```",
        "    a",
        "<b>",
        "|a|b|",
        "[a](b)",
    ],
)
def test_text_begins_no_block_of_markdown(text: str) -> None:
    tokens = parsed(f"{markdown(text.strip())}\n")
    assert {token.type for token in tokens} <= {
        *("paragraph_open", "inline", "text", "text_special", "paragraph_close")
    }


@pytest.mark.parametrize(
    "text", ["@octocat", "www.evil.example", "http://evil.example", ":tada:", "$x$", "#12"]
)
def test_what_github_adds_to_markdown_is_text_as_well(text: str) -> None:
    assert text not in github_summary(
        verdict(failing("x", summary=text, title=text, details=(), evidence=()))
    )


def test_a_huge_verdict_stays_below_the_limit_and_says_that_something_is_missing() -> None:
    rules = [failing(*["ü" * 490] * 10, rule_id=f"rule-{n}", summary="é" * 500) for n in range(500)]
    summary = github_summary(verdict(*rules))
    assert LIMIT - 20_000 < len(summary.encode()) <= LIMIT < 2**20
    assert summary.endswith("\n… the rest found no room here; see the log of the step.\n")
    assert len([token for token in parsed(summary) if token.type == "tr_open"]) == 501
