"""JSON lines as real libraries write them, and logfmt."""

from __future__ import annotations

import json

import pytest

from logwatch.records.attributes import attributes_of
from tests.records.world import at, lines, read


@pytest.mark.parametrize(
    ("line", "message", "level"),
    [
        (  # pino
            '{"level":30,"time":1760203772123,"pid":7,"hostname":"web-1","jobId":"j1","msg":"job done"}',
            "job done",
            "info",
        ),
        (  # pino with an error
            '{"level":50,"time":1760203772123,"pid":7,"err":{"type":"Error","message":"boom","stack":"Error: boom\\n'
            '    at run (a.js:1)"},"msg":"job failed"}',
            "job failed",
            "error",
        ),
        ('{"level":"warn","time":"2025-10-11T17:29:32.123Z","msg":"low"}', "low", "warn"),  # pino with labels
        (  # winston
            '{"jobId":"j1","level":"info","message":"job done","timestamp":"2025-10-11T17:29:32.123Z"}',
            "job done",
            "info",
        ),
        (  # winston, colours on
            '{"level":"\\u001b[31merror\\u001b[39m","message":"\\u001b[31mjob failed\\u001b[39m",'
            '"timestamp":"2025-10-11T17:29:32.123Z"}',
            "job failed",
            "error",
        ),
        (  # winston for logstash
            '{"@fields":{"jobId":1,"level":"info"},"@message":"job done","@timestamp":"2025-10-11T17:29:32.123Z"}',
            "job done",
            "info",
        ),
        (  # bunyan
            '{"name":"worker","hostname":"web-1","pid":7,"level":40,"msg":"low","time":"2025-10-11T17:29:32.123Z","v":0}',
            "low",
            "warn",
        ),
        (  # Vercel's drain
            '{"id":"0","timestamp":1760203772123,"type":"stdout","source":"lambda","deploymentId":"dpl_1",'
            '"message":"job done\\n","level":"info","requestId":"iad1::1","proxy":{"statusCode":200}}',
            "job done",
            "info",
        ),
        (  # journalctl -o json
            '{"__REALTIME_TIMESTAMP":"1760203772123000","PRIORITY":"3","SYSLOG_IDENTIFIER":"worker","MESSAGE":"failed"}',
            "failed",
            "error",
        ),
        (  # log4js, events as JSON
            '{"startTime":"2025-10-11T17:29:32.123Z","categoryName":"w","data":["job","done",{"a":1}],'
            '"level":{"level":20000,"levelStr":"INFO","colour":"green"},"context":{},"pid":7}',
            'job done {"a":1}',
            "info",
        ),
        (  # tslog 5
            '{"message":"job done","level":"INFO","levelId":3,"time":"2025-10-11T17:29:32.123Z","jobId":"j1",'
            '"_logMeta":{"v":5,"logLevelName":"INFO"}}',
            "job done",
            "info",
        ),
        (  # tslog 4
            '{"0":"job done","_meta":{"date":"2025-10-11T17:29:32.123Z","logLevelName":"WARN"}}',
            "job done",
            "warn",
        ),
        (  # roarr
            '{"context":{"jobId":"j1","logLevel":40},"message":"low","sequence":"0","time":1760203772123,"version":"2.0.0"}',
            "low",
            "warn",
        ),
        (
            '{"@timestamp":"2025-10-11T17:29:32.123Z","log.level":"error","message":"failed"}',
            "failed",
            "error",
        ),
        ('{"ts":1760203772.123,"level":"info","msg":"done"}', "done", "info"),  # zap
        ('{"asctime":"2025-10-11 17:29:32,123","levelname":"ERROR","message":"failed"}', "failed", "error"),
        (
            '{"timestamp":"2025-10-11T17:29:32.123Z","event":"done","level":"info"}',
            "done",
            "info",
        ),  # structlog
        ('{"time":"1760203772123","severity":"ERROR","text":"failed"}', "failed", "error"),
    ],
)
def test_json_lines_of_real_libraries(line: str, message: str, level: str) -> None:
    found = read(line + "\n")
    assert found.report.format == "json"
    assert (found.only.time, found.only.message, found.only.level) == (at("17:29:32.123"), message, level)


def test_winston_without_a_timestamp_is_undated_and_still_a_record() -> None:
    found = read(lines('{"jobId":"j1","level":"info","message":"one"}', '{"level":"info","message":"two"}'))
    assert found.report.format == "json"
    assert (found.messages, found.times) == (["one", "two"], [None, None])


def test_nested_fields_are_attributes_with_dotted_names() -> None:
    line = '{"time":1760203772123,"msg":"x","err":{"type":"Error","cause":{"code":"23503"}},"tags":["a",1],"ok":true}'
    found = dict(read(line + "\n").only.attributes)
    assert found == {
        "time": 1760203772123,
        "msg": "x",
        "err.type": "Error",
        "err.cause.code": "23503",
        "tags": '["a",1]',
        "ok": True,
    }


def test_attributes_are_bounded_in_number_and_depth() -> None:
    wide = {"time": 1760203772123, "msg": "x", **{f"f{n}": n for n in range(1000)}}
    assert len(read(json.dumps(wide) + "\n").only.attributes) == 200
    deep: object = 1
    for _ in range(20):
        deep = {"a": deep}
    found = read(json.dumps({"time": 1760203772123, "msg": "x", "deep": deep}) + "\n").only.attributes
    assert list(found) == ["time", "msg", "deep.a.a.a.a.a.a"]


def test_a_newline_inside_a_json_string_is_data() -> None:
    forged = 'job 1 failed\n2025-10-11T17:30:00Z job 2 done\n{"msg":"job 3 done"}\r\nend'
    found = read(
        lines(json.dumps({"time": 1760203772123, "msg": forged}), '{"time":1760203773123,"msg":"next"}')
    )
    assert found.messages == [forged.replace("\r\n", "\n"), "next"]
    assert [(record.line, record.lines) for record in found.records] == [(1, 1), (2, 1)]


def test_a_drain_message_of_several_lines_keeps_its_trailing_space_and_loses_its_last_newline() -> None:
    line = json.dumps(
        {"timestamp": 1760203772123, "message": "ERROR after 0ms: \nUnknown stage\n", "level": "error"}
    )
    assert read(line + "\n").only.message == "ERROR after 0ms: \nUnknown stage"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("[102,195,164,105,108,255]", "fäil\\xff"),
        ('["first","second"]', "first\nsecond"),
        ('[[102,105],"second"]', "fi\nsecond"),
        ("[]", ""),
    ],
)
def test_journald_lists_bytes_and_repeated_messages(message: str, text: str) -> None:
    found = read(f'{{"__REALTIME_TIMESTAMP":"1760203772123000","MESSAGE":{message}}}\n')
    assert (found.only.message, found.only.truncated) == (text, False)


def test_a_message_that_journald_left_out_is_known_to_be_missing() -> None:
    found = read('{"__REALTIME_TIMESTAMP":"1760203772123000","MESSAGE":null,"UNIT":"worker"}\n')
    assert (found.only.message, found.only.truncated, found.report.truncated) == ("", True, True)
    assert found.report.errors == ["lacks the messages of 1 record; export it with journalctl --all"]


def test_an_object_without_a_message_is_its_own_message() -> None:
    line = '{"time":1760203772123,"status":200}'
    assert read(line + "\n").only.message == line


@pytest.mark.parametrize(
    "time",
    [
        *(
            "35",
            "-1760203772",
            "1760203772000000000000000",
            "253402300799",
            "1" + "0" * 400,
            "1" + "0" * 5000,
        ),
        *("true", "null", "NaN", "Infinity", "1e400", "[1760203772]", '{"at":1760203772}'),
        *('""', '"soon"', '"2025-10-11"', '"20251011"', '"9999-12-31T23:59:59Z"', '"2025-13-01T00:00:00Z"'),
    ],
)
def test_what_is_no_time_leaves_a_json_record_undated(time: str) -> None:
    found = read(lines(f'{{"time":{time},"msg":"odd"}}', '{"time":1760203772123,"msg":"next"}'))
    assert [message[-6:] for message in found.messages][-1] == "next"
    assert found.times == [at("17:29:32.123")] * 2
    assert [record.inherited for record in found.records] == [True, False]


def test_the_first_time_field_that_says_a_time_counts() -> None:
    assert read('{"time":35,"ts":"2025-10-11T17:29:32Z","msg":"x"}\n').only.time == at("17:29:32")


@pytest.mark.parametrize("level", ["12", "99", '"12"', '""', '"0123"', "true", "1e99", "[]", "{}", "30.0"])
def test_what_is_no_level_is_none(level: str) -> None:
    assert read(f'{{"time":1760203772123,"level":{level},"msg":"x"}}\n').only.level is None


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (rb'"half \ud83d pair"', "half \\ud83d pair"),
        (rb'"other half \udca5"', "other half \\udca5"),
        (rb'"whole \ud83d\udca5"', "whole 💥"),
        (b'"invalid \xff\xfe bytes"', "invalid \\xff\\xfe bytes"),
        (rb'"bad \x escape"', "bad \\x escape"),
        (b'"bare \x01 control"', "bare \x01 control"),
        (rb'"C:\\new"', "C:\\new"),
    ],
)
def test_json_that_is_not_quite_json_is_read_and_nothing_hidden(raw: bytes, message: str) -> None:
    found = read(b'{"time":1760203772123,"msg":' + raw + b"}\n")
    assert (found.only.time, found.only.message) == (at("17:29:32.123"), message)
    found.only.message.encode()


def test_a_comma_behind_the_object_is_no_part_of_it() -> None:
    found = read(lines('{"time":1760203772123,"msg":"one"},', '{"time":1760203773123,"msg":"two"}'))
    assert found.messages == ["one", "two"]


@pytest.mark.parametrize("depth", [400, 5_000, 100_000])
def test_deep_nesting_is_a_record_and_no_crash(depth: int) -> None:
    bomb = '{"time":1760203772123,"msg":"bomb","deep":' + "[" * depth + "]" * depth + "}"
    found = read(lines('{"time":1760203771123,"msg":"before"}', bomb, '{"time":1760203773123,"msg":"after"}'))
    assert (found.messages[0], found.messages[2]) == ("before", "after")
    assert len(found.records) == 3


def test_json_that_was_cut_short_is_a_record_of_its_own() -> None:
    found = read(lines('{"time":1760203772123,"msg":"before"}', '{"time":1760203773123,"msg":"half', '{"ti'))
    assert found.messages == ["before", '{"time":1760203773123,"msg":"half', '{"ti']
    assert found.report.undated == 2


def test_a_stack_trace_between_json_lines_continues_the_record_before() -> None:
    found = read(
        lines(
            '{"time":1760203772123,"msg":"one"}',
            "Error: boom",
            "    at a",
            '{"time":1760203773123,"msg":"two"}',
        )
    )
    assert found.messages == ["one\nError: boom\n    at a", "two"]


def test_json_dumped_by_a_text_log_does_not_make_it_a_json_log() -> None:
    text = "".join(f"2025-10-11T17:29:{n:02}Z job {n}\n" + '{"id":1}\n{"id":2}\n' for n in range(20))
    found = read(text)
    assert (found.report.format, len(found.records)) == ("iso8601", 20)
    assert found.messages[0] == 'job 0\n{"id":1}\n{"id":2}'


def test_a_few_dated_text_lines_do_not_make_an_undated_json_log_a_text_log() -> None:
    found = read('{"level":"info","message":"one"}\n' * 95 + "2025-10-11T17:29:32Z text\n" * 5)
    assert found.report.format == "json"


@pytest.mark.parametrize(
    ("line", "message", "level", "attributes"),
    [
        (
            'time=2025-10-11T17:29:32.123Z level=error msg="job \\"7\\" failed\\nno stage" job=7 empty=',
            'job "7" failed\nno stage',
            "error",
            {"job": "7", "empty": ""},
        ),
        ("ts=1760203772.123 lvl=info msg=done a/b=c", "done", "info", {"a/b": "c"}),
        ('timestamp="2025-10-11T17:29:32.123Z" severity=WARN message=low', "low", "warn", {}),
        ('level=info time=2025-10-11T17:29:32.123Z msg=a"b', 'a"b', "info", {}),
        ('time=2025-10-11T17:29:32.123Z level=info msg="bad \\x escape"', "bad \\x escape", "info", {}),
    ],
)
def test_logfmt(line: str, message: str, level: str, attributes: dict[str, str]) -> None:
    found = read(line + "\n")
    assert found.report.format == "logfmt"
    assert (found.only.time, found.only.message, found.only.level) == (at("17:29:32.123"), message, level)
    assert attributes.items() <= found.only.attributes.items()


def test_a_logfmt_line_whose_rest_is_no_pairs_is_a_record_all_message() -> None:
    line = "time=2025-10-11T17:29:33Z level=error msg=panic: no stage here"
    found = read(lines("time=2025-10-11T17:29:32Z level=info msg=one", line, "goroutine 1 [running]:"))
    assert found.messages == ["one", line + "\ngoroutine 1 [running]:"]
    assert found.levels == ["info", "error"]


def test_text_with_equals_signs_is_no_logfmt() -> None:
    assert read(lines("a=1 b=2", "c=3 d=4")).report.format == "plain"


@pytest.mark.parametrize(
    "time",
    [
        "1760203772.123456",
        "1760203772123456",
        "1760203772123456789",
        '"1760203772123456"',
        "1.760203772123456e9",
    ],
)
def test_epoch_numbers_count_what_their_size_says(time: str) -> None:
    assert read(f'{{"time":{time},"msg":"x"}}\n').only.time == at("17:29:32.123456")


@pytest.mark.parametrize("message", ["5", "{}", "[]", "[1]", "true", "null"])
def test_a_message_that_is_no_text_leaves_the_next_field_or_the_whole_object(message: str) -> None:
    assert read(f'{{"time":1760203772,"message":{message},"msg":"other"}}\n').only.message == "other"
    whole = f'{{"time":1760203772,"message":{message}}}'
    assert read(whole + "\n").only.message == whole


def test_a_value_that_is_nested_too_deep_to_be_written_down_is_left_out_visibly() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert attributes_of({"deep": deep, "n": 1}) == {"deep": "…", "n": 1}
