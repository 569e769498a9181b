"""Bytes to text: nothing is hidden, nothing drives a terminal, wrong decodings are undone, places stay exact."""

from __future__ import annotations

import json

import pytest

from logwatch.records.scan.wanted import Wanted
from logwatch.records.text import decoded, recognised, undone
from tests.records.world import lines, read

ISO = "2025-10-11T17:29:32Z "


def test_invalid_bytes_stay_visible() -> None:
    found = read(ISO.encode() + b"caf\xe9 \xff\xfe \xc3\n")
    assert found.messages == ["caf\\xe9 \\xff\\xfe \\xc3"]
    assert found.report.encoding == "utf-8"


def test_nuls_are_skipped_and_counted_and_places_stay_exact() -> None:
    hole = b"\x00" * 9
    log = hole + b"2025-10-11T17:29:32Z o\x00ne\n2025-10-11T17:29:33Z two\n\x00\x00"
    found = read(log)
    assert found.messages == ["one", "two"]
    assert [(record.offset, record.line) for record in found.records] == [
        (0, 1),
        (log.index(b"2025-10-11T17:29:33Z"), 2),
    ]
    assert found.report.notes == ["holds NUL bytes, which were skipped: 12"]
    assert (found.report.bytes, found.report.lines) == (len(log), 3)


def test_a_hole_longer_than_any_line_leaves_the_first_line_whole() -> None:
    log = b"\x00" * (3 << 20) + b"2025-10-11T17:29:32Z one\n2025-10-11T17:29:33Z two\n"
    found = read(log)
    assert found.messages == ["one", "two"]
    assert not found.report.truncated
    assert found.report.bytes == len(log)


@pytest.mark.parametrize(
    "sequence",
    [
        *("\x1b[31m", "\x1b[0m", "\x1b[1;38;5;208m", "\x1b[2K", "\x1b(B", "\x1b=", "\x1b7", "\x1bc"),
        *("\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\"),
    ],
)
def test_terminal_sequences_are_stripped_before_matching(sequence: str) -> None:
    found = read(f"{sequence}{ISO}{sequence}[error] job {sequence}failed{sequence}\n")
    assert found.only.message == "job failed"


def test_a_lone_escape_stays() -> None:
    assert decoded(b"a\x1b") == "a\x1b"
    assert decoded(b"a\x1b[") == "a\x1b["


def test_windows_line_ends() -> None:
    log = f"{ISO}one {{\r\n  a: 1\r\n\r\n}}\r\n\r\n{ISO}two\r\n"
    found = read(log)
    assert found.messages == ["one {\n  a: 1\n\n}", "two"]
    assert [(record.offset, record.lines) for record in found.records] == [(0, 4), (log.rindex(ISO), 1)]


def test_a_carriage_return_inside_a_line_is_data() -> None:
    assert read(f"{ISO}10 %\r100 %\r\n").messages == ["10 %\r100 %"]


@pytest.mark.parametrize(
    "first", [ISO + "one", '{"time":1760203772123,"msg":"one"}', "Oct 11 17:29:32 one", "one"]
)
def test_a_byte_order_mark_is_no_part_of_the_first_line(first: str) -> None:
    found = read("\ufeff" + first + "\r\n")
    assert found.messages == ["one"]
    assert found.report.format != "plain" or first == "one"
    assert (found.only.offset, found.report.bytes) == (0, len(first) + 5)


def test_files_with_marks_one_behind_the_other() -> None:
    assert read(f"\ufeff{ISO}one\n\ufeff{ISO}two\n").messages == ["one", "two"]


WRONG = {
    "mac_roman": "utf-8 read as mac-roman",
    "cp1252": "utf-8 read as cp1252",
    "latin-1": "utf-8 read as latin-1",
}
TEXTS = ("✅ Größe geprüft", "💥 PROCESSOR ERROR", "ERROR in “stage”: café", "⚡ naïve — done", "日本語")


def garbled(text: str, codec: str) -> str:
    """Return what a decoding of UTF-8 as `codec` shows; CP1252 passes its five holes on, as WHATWG decoders do."""
    return "".join(
        bytes([b]).decode("latin-1" if codec == "cp1252" and b in b"\x81\x8d\x8f\x90\x9d" else codec)
        for b in text.encode()
    )


@pytest.mark.parametrize("codec", WRONG)
def test_utf_8_that_was_decoded_wrongly_is_matched_as_what_it_was(codec: str) -> None:
    log = lines(*(f"{ISO}[info] {text}\n  détail: {text}" for text in TEXTS), f"{ISO}plain")
    found = read(garbled(log, codec))
    assert found.report.encoding == WRONG[codec]
    assert found.messages == [*(f"{text}\n  détail: {text}" for text in TEXTS), "plain"]
    assert found.records[0].original == garbled(found.messages[0], codec)
    assert found.records[-1].original is None


@pytest.mark.parametrize("codec", WRONG)
@pytest.mark.parametrize("text", ["é", "ü", "ß", "É", "ñ", "ø", "“", "–", "…", "€", "✅", "💥", "▶️", "🖼️"])
def test_a_single_character_is_enough_to_recognise_some_wrong_decoding(codec: str, text: str) -> None:
    log = garbled(f"{ISO}job {text} done\n", codec)
    assert read(log).messages == [f"job {text} done"]


def test_the_byte_order_mark_may_be_garbled_too() -> None:
    for codec in WRONG:
        found = read(garbled(f"\ufeff{ISO}✅ one\n{ISO}✅ two\n", codec))
        assert found.messages == ["✅ one", "✅ two"]


def test_wrong_decodings_inside_json_are_undone_in_message_and_attributes_escaped_or_not() -> None:
    wrong = garbled("✅ geprüft", "mac_roman")
    for ascii_only in (True, False):
        line = json.dumps({"time": 1760203772123, "msg": wrong, "note": wrong}, ensure_ascii=ascii_only)
        found = read(line + "\n")
        assert (found.only.message, found.only.attributes["note"]) == ("✅ geprüft", "✅ geprüft")
        assert found.only.original == wrong


def test_right_text_is_left_alone() -> None:
    log = lines(*(f"{ISO}{text} Ã Â € ‚ Ä" for text in TEXTS), f"{ISO}naïve café", f"{ISO}“quoted” – dash…")
    found = read(log)
    assert found.report.encoding == "utf-8"
    assert all(record.original is None for record in found.records)
    assert found.messages[-1] == "“quoted” – dash…"


def test_one_garbled_line_among_right_ones_is_left_alone() -> None:
    wrong = garbled("✅", "mac_roman")
    found = read(lines(*(f"{ISO}✅ {n}" for n in range(5)), f"{ISO}{wrong} 5"))
    assert (found.report.encoding, found.messages[-1]) == ("utf-8", f"{wrong} 5")


def test_undoing_touches_only_what_can_be_read_again() -> None:
    wrong = garbled("✅", "mac_roman")
    assert undone(f"{wrong} ok é", "mac_roman") == "✅ ok é"
    assert recognised(["ascii", ""]) is None
    assert recognised([]) is None


def test_the_wanted_filter_sees_what_the_text_was() -> None:
    log = garbled(lines(f"{ISO}✅ one", f"{ISO}💥 two"), "mac_roman")
    found = read(log, wanted=Wanted(frozenset({"💥"})))
    assert (found.messages, found.report.records) == (["💥 two"], 2)
