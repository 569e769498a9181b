"""The four greps that were run by hand during the incident: a shipped rule finds the lines that each of them finds."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatch.records.reading import ReadOptions, SourceReader
from logwatch.ruleset.parts import conditions_of
from logwatch.ruleset.prefilter import prefilter
from logwatch.ruleset.shipped import shipped_rules
from logwatch.sources.discover import discover

RULES = shipped_rules()
GREPS = {
    "Unknown workflow stage": [("unknown-workflow-stage", "pattern")],
    "PROCESSOR ERROR.*background_image_processing": [("background-image-processor-error", "pattern")],
    "processBackgroundImageProcessing - Starting": [
        ("background-image-run", "start"),
        ("healthy-background-job", "starting"),
    ],
    "Background image processing completed": [("background-image-run", "completed")],
}
EVENTS = [
    "💥 [PERMANENT FIX] PROCESSOR ERROR in background_image_processing job 1 after 0ms: \n"
    "Unknown workflow stage: undefined",
    "💥 [PERMANENT FIX] PROCESSOR ERROR in background_image_processing job 2 after 1ms: Unknown workflow stage: x",
    "💥 [PERMANENT FIX] PROCESSOR ERROR in shopify_sync job 3 after 9ms: \nfor stage background_image_processing",
    "Error: Unknown workflow stage\n    at processJob (worker.js:12)\n    at Unknown workflow stage",
    "unknown workflow stage: lower case is another text",
    "🖼️🔄 processBackgroundImageProcessing - Starting async image processing...",
    "🖼️ processImageAttachment - Queueing background image processing...",
    "✅ Background image processing job queued successfully",
    "🖼️🔄 Background image processing completed:\n   - Processed: 5/5 drafts\n   - Images found for: 4 products",
    "🖼️🔄 Background image processing: {\n  productDraftCount: undefined\n}",
    "❌ Background image processing failed: boom",
    "✅ [PERMANENT FIX] Completed background_image_processing job 4 in 12ms",
]
START = datetime(2025, 10, 11, 17, 0, tzinfo=UTC)


def one_line(moment: datetime, event: str) -> str:
    """The time before the text, errors on the same line."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.000Z} [info] {event}\n"


def several_lines(moment: datetime, event: str) -> str:
    """The time on a line of its own, the text on the next one, and the text of an error after that."""
    return f"{moment:%b %d %H:%M:%S}\n{event}\n\n"


FORMS = {"one line": one_line, "several lines": several_lines}


def write(path: Path, form: str, events: list[str]) -> None:
    moments = (START + timedelta(seconds=7 * n) for n in range(len(events)))
    path.write_text("".join(map(FORMS[form], moments, events)), encoding="utf-8")


def grepped(pattern: str, path: Path) -> set[int]:
    """The lines that grep finds, counted from 1."""
    counted, listed = (
        subprocess.run(
            ["grep", option, "-a", "-e", pattern, str(path)], capture_output=True, text=True, check=False
        )
        for option in ("-c", "-n")
    )
    lines = {int(line.partition(":")[0]) for line in listed.stdout.splitlines()}
    assert int(counted.stdout) == len(lines)
    return lines


def found(rule_id: str, part: str, path: Path) -> list[range]:
    """The lines of each record that a part of a rule matches."""
    [source] = discover([str(path)], stdin=None)
    reader = SourceReader(source, ReadOptions(UTC, now=START, reference=START), prefilter(RULES))
    condition = conditions_of(RULES[rule_id])[part]
    return [range(r.line, r.line + r.lines) for r in reader if condition.search(r) is not None]


def assert_same_lines(path: Path) -> None:
    for pattern, parts in GREPS.items():
        lines = grepped(pattern, path)
        for rule_id, part in parts:
            records = found(rule_id, part, path)
            assert [line for line in lines if sum(line in record for record in records) != 1] == []
            assert [record for record in records if not lines & set(record)] == []


@pytest.mark.parametrize("form", FORMS)
def test_a_rule_finds_the_lines_that_grep_finds(tmp_path: Path, form: str) -> None:
    path = tmp_path / "worker.log"
    write(path, form, EVENTS * 3)
    assert [len(grepped(pattern, path)) for pattern in GREPS] == [12, 6, 3, 3]
    assert_same_lines(path)


@settings(max_examples=15)
@given(form=st.sampled_from(list(FORMS)), events=st.lists(st.sampled_from(EVENTS), min_size=3, max_size=20))
def test_whatever_the_log(tmp_path_factory: pytest.TempPathFactory, form: str, events: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "worker.log"
    write(path, form, events)
    assert_same_lines(path)
