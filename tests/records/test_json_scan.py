"""JSON lines that say the same are looked at once; what comes of it is what each of them says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatch.engine import meanings
from logwatch.engine.batch import Answer, Question, scan
from logwatch.records.reading import ReadOptions
from logwatch.records.scan import reading
from logwatch.records.scan.dated import Hits
from logwatch.records.scan.json_texts import JsonTexts
from logwatch.ruleset.conditions import AllOf, FieldEquals, FieldMatches, MessageMatches, Not
from logwatch.ruleset.model import RuleSet, Term
from logwatch.ruleset.patterns import compile_pattern
from logwatch.ruleset.prefilter import attributes_of, prefilter
from tests.engine.world import count, expect, forbid, measure, pair, ratio, span
from tests.records.world import NOW, MemorySource, small_heads


def text(pattern: str) -> MessageMatches:
    return MessageMatches(compile_pattern(pattern))


def field(name: str, pattern: str) -> FieldMatches:
    return FieldMatches(name, compile_pattern(pattern))


JOB = pair(
    start=text(r"job (?P<job>\S*) starts"),
    outcomes={"completed": text(r"job (?P<job>\S*) ends"), "failed": text(r"job (?P<job>\S*) fails")},
    enqueued=None,
    timeout=span(20),
    retry_within=span(40),
)
BY_MESSAGE = RuleSet(
    (
        JOB,
        forbid(id="bad", pattern=text(r"very bad(?: (?P<stage>\w+))?"), labels=("stage",)),
        expect(id="ends", pattern=text(r"job (?P<job>\S*) ends"), key=("job",), every=None),
        measure(id="took", pattern=text(r"after (?P<ms>\w[\w.]*)ms")),
        ratio(numerator=Term(text("ends")), denominator=Term(text("starts"))),
    )
)
BY_LEVEL = RuleSet(
    (
        forbid(id="errors", pattern=AllOf((text("very bad"), FieldEquals("level", "error"))), labels=()),
        count(id="others", pattern=AllOf((text("job "), Not(field("level", "^(?:info|30)$")))), labels=()),
        *BY_MESSAGE.rules,
    )
)
BY_ATTRIBUTES = RuleSet(
    (
        pair(
            start=text("starts"),
            outcomes={"completed": text("ends")},
            enqueued=None,
            key=("attributes.job",),
            timeout=span(20),
            retry_within=span(40),
        ),
        count(id="by-user", pattern=text("job "), labels=("attributes.req.user.id",)),
        count(id="by-size", pattern=text("job "), labels=("attributes.size", "attributes.req.user")),
        count(id="of-web", pattern=AllOf((text("job "), FieldEquals("req.host", "web"))), labels=()),
        count(id="null", pattern=AllOf((text("job "), field("size", "^(?:null|true|1|1.0|0)$"))), labels=()),
        *BY_MESSAGE.rules,
    )
)
RULES = (BY_MESSAGE, BY_LEVEL, BY_ATTRIBUTES)
ALL = 1 << 60


def pairs(firsts: Sequence[Any], seconds: Sequence[Any]) -> list[Any]:
    """Return every pair as parameters of a test; so many are fast that each value occurs in one of those."""
    together = max(len(firsts), len(seconds))
    fast = {(n % len(firsts), n % len(seconds)) for n in range(together)}
    return [
        pytest.param(first, second, marks=() if (m, n) in fast else pytest.mark.slow)
        for (m, first), (n, second) in product(enumerate(firsts), enumerate(seconds))
    ]


BEGIN = datetime(2025, 10, 11, 17, 29, tzinfo=UTC)


class CutSource(MemorySource):
    """A source whose blocks have one size."""

    def __init__(self, data: bytes, name: str, block: int) -> None:
        super().__init__(data, name, cuts=range(0, len(data), block))


def ask(
    logs: Sequence[bytes], rules: RuleSet, block: int, *, scanned: bool, remembered: int = 4096, **asked: Any
) -> Answer:
    with ExitStack() as stack:
        stack.enter_context(small_heads())
        worth = 0 if scanned else ALL
        for module, name, value in (
            (reading, "WORTH_A_SCAN", worth),
            (reading, "WORTH_ARRAYS", worth),
            (meanings, "_REMEMBERED", remembered),
            (meanings, "_TOGETHER", 2),
        ):
            stack.enter_context(patch.object(module, name, value))
        return scan(
            [CutSource(log, f"{n}.log", block) for n, log in enumerate(logs)],
            rules,
            Question(**asked),
            ReadOptions(zone=UTC, now=NOW),
            wanted=prefilter(rules) if scanned else None,
            deployment_attribute="dep.id",
        )


def assert_agrees(
    logs: Sequence[bytes], rules: RuleSet, block: int, remembered: int = 4096, **asked: Any
) -> None:
    """A scan answers what looking at every line does."""
    plain = ask(logs, rules, block, scanned=False, **asked)
    found = ask(logs, rules, block, scanned=True, remembered=remembered, **asked)
    for rule_id, tally in plain.tallies.items():
        assert (rule_id, found.tallies[rule_id]) == (rule_id, tally)
    assert found == plain


TIMES = (
    '"timestamp": {ms}',
    '"timestamp":{s}',
    '"time":"{iso}"',
    '"ts": {s}.5',
    '"t\\u0069me" : "{iso}"',
    '"time":"{ms}"',
    '"timestamp":"today","time":"{iso}"',
    '"@timestamp":"{iso}"',
    '"t":{ms}',
    '"__REALTIME_TIMESTAMP":"{ms}123"',
    '"time":{ms}123456',
    '"ts":{ms}.25',
    '"time":"{nano}"',
    '"time":"{local}"',
)
"""How writers say when."""
MESSAGES = (
    "job {n} starts",
    "job {n} ends after {n}ms",
    "job {n} fails",
    "job x ends after 7ms",
    "very bad",
    "very bad luck",
    "nothing",
    "☕ job é{n} starts",
    "âœ… job {n} ends",
    'job \\"{n}\\" starts',
    "job \\u0078 ends",
    "j\\u006fb {n} starts",
    "job \\ud83d\\ude00 ends",
    "job \\ud83d ends",
    "job {n}\\tx ends",
    "job {n}\tx ends",
    "job {n} starts\\n",
    "job {n} starts\\r\\n  ends\\r\\n",
    "\\u001b[31mjob {n}\\u001b[0m starts",
    "job\\u0000 {n} starts",
    "job \udcff ends",
    "job {n} \\x starts",
    "job {n} starts" + " at" * 300,
)
NAMES = ("message", "msg", "MESSAGE", "log", "data", "0", "m\\u0073g")
OTHERS = (
    '"level":"info"',
    '"level":"error"',
    '"level":"ERROR "',
    '"level":30',
    '"level":50',
    '"level":50.0',
    '"level":true',
    '"level":null,"severity":"error"',
    '"level":{{"levelStr":"ERROR"}}',
    '"log":{{"level":"error"}}',
    '"log.level":"error"',
    '"level":["error"]',
    '"level":"\\u0065rror"',
    '"job":"{n}"',
    '"job":{n}',
    '"job":"{n}","job":"other"',
    '"req":{{"user":{{"id":"u{n}"}},"host":"web"}}',
    '"req":{{"user":"{n}","host":"web"}}',
    '"req.host":"web"',
    '"req.host":"web","req":{{"host":"db"}}',
    '"req":{{"host":"db"}},"req.host":"web"',
    '"req":{{"user.id":"a"}},"req.user":{{"id":"b"}}',
    '"req":{{"host":["web",18446744073709551616]}}',
    '"req":{{}},"size":[1,18446744073709551616]',
    '"size":null',
    '"size":true',
    '"size":1',
    '"size":1.0',
    '"size":-0.0',
    '"size":184467440737095516160',
    '"size":1e400',
    '"size":"\\ud83d"',
    '"size":NaN',
    '"size":"a\\r\\nb\\u001b[1m"',
    '"size":"â˜•"',
    '"size":"\udcff"',
    '"dep":{{"id":"web"}}',
    '"dep.id":"web"',
    '"dep.id":"web","dep":{{"id":"db"}}',
    '"dep.id":""',
    '"x":"\\ud83d"',
    '"x":"\udcff"',
    '"x":' + "[" * 450 + "]" * 450,
    '"x":' + "[" * 3000 + "]" * 3000,
    '"x":' + "9" * 5000,
    ",".join(f'"x{n}":{n}' for n in range(250)),
    '"time":"2025-10-11T17:29:59.5Z"',
    '"timestamp":17602037',
    '"MESSAGE":null',
    '"message":["job 1","ends"]',
    '"message":{{"a":1}}',
    '"message":7',
    '"message":""',
    '"x":"}}{{"',
)
ODD = (
    "",
    "  at job 7 ends",
    "job 7 ends",
    '{{"half": "job 7 en',
    "{{}}",
    "[1]",
    '{{{time},"msg":"job 7 ends"}},',
    '{{{time},"msg":"job 7 ends"}} \t',
    '{{{time},"msg":"job 7 ends"}}{{{time},"msg":"job 7 ends"}}',
    '{{{time},"x":\n{{"msg":"job 7 ends"}}}}',
    '\ufeff{{{time},"msg":"job 7 ends"}}',
    '{{"msg":"job 7 ends"}}',
    '{{"time":"today","msg":"job 7 ends"}}',
    '{{{time},"msg":"job \x00 7 ends"}}',
    '{{{time},"msg":"job \x1b[1m7\x1b[0m ends"}}',
    "{{{time}}}",
    '{{{time},"MESSAGE":null}}',
    '{{{time},"MESSAGE":"job 7 ends","MESS\\u0041GE": null }}',
)


def said(shape: str, ms: int) -> str:
    moment = BEGIN + timedelta(milliseconds=ms)
    epoch = int(moment.timestamp() * 1000)
    iso = moment.isoformat().replace("+00:00", "Z")
    nano = moment.isoformat(timespec="microseconds").removesuffix("+00:00")
    east = moment.astimezone(timezone(timedelta(hours=2))).isoformat(" ", "milliseconds").replace(".", ",")
    return shape.format(ms=epoch, s=epoch // 1000, iso=iso, nano=f"{nano}789Z", local=east)


def seldom(usual: Any, other: Any) -> st.SearchStrategy[Any]:
    return st.integers(0, 7).flatmap(lambda n: other if n == 0 else usual)


@st.composite
def json_logs(draw: st.DrawFn) -> bytes:
    """A log of JSON lines, mostly of one writer, which writes its fields in one order."""
    time, name = (
        draw(st.sampled_from(TIMES)),
        draw(seldom(st.sampled_from(NAMES[:2]), st.sampled_from(NAMES))),
    )
    usual = draw(st.lists(st.sampled_from(OTHERS), max_size=2))
    messages = draw(st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=4))
    first = draw(st.booleans())
    odd = draw(st.booleans())
    lines = ["{" + said(time, n) + f',"{name}":"begins"' + "}" for n in (0, 0, 1000, 1000, 2000, 3000, 3000)]
    ms = 3000
    for n in range(draw(st.integers(4, 30))):
        ms += draw(st.sampled_from((0, 1, 250, 1000, 4000, 13_000, -500)))
        written = said(draw(seldom(st.just(time), st.sampled_from(TIMES))) if odd else time, ms)
        other = draw(seldom(st.just(usual), st.lists(st.sampled_from(OTHERS), max_size=2))) if odd else usual
        called = draw(seldom(st.just(name), st.sampled_from(NAMES))) if odd else name
        message = f'"{called}":"{draw(st.sampled_from(messages))}"'.replace("{n}", str(n // 3))
        rest = [one.format(n=n // 3) for one in other]
        fields = [written, *rest, message] if first else [message, *rest, written]
        line = "{" + draw(st.sampled_from((",", ", ", " ,\t"))).join(fields) + "}"
        if odd and draw(st.integers(0, 19)) == 0:
            line = draw(st.sampled_from(ODD)).format(time=written)
        lines.append(line)
    joint = draw(st.sampled_from(("\n", "\n", "\r\n")))
    log = joint.join(lines) + draw(st.sampled_from(("", "\n", "\n\n", '\n{"half')))
    return log.encode("utf-8", "surrogateescape")


MOMENTS = st.one_of(st.none(), st.integers(0, 30_000).map(lambda ms: BEGIN + timedelta(milliseconds=ms)))


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    logs=st.lists(json_logs(), min_size=1, max_size=2),
    rules=st.sampled_from(RULES),
    block=st.sampled_from((150, 600, 2000, 20_000)),
    remembered=st.sampled_from((4096, 1)),
    since=MOMENTS,
    deployment=st.sampled_from((frozenset(), frozenset({"web"}))),
)
def test_a_scan_answers_what_looking_at_every_line_does(
    logs: list[bytes],
    rules: RuleSet,
    block: int,
    remembered: int,
    since: datetime | None,
    deployment: frozenset[str],
) -> None:
    assert_agrees(logs, rules, block, remembered, since=since, deployment=deployment)


def log_of(lines: Sequence[str], usual: str = '"msg":"job {n} starts"', time: str = TIMES[0]) -> bytes:
    """Return a log in which these lines stand among usual ones."""
    around = ["{" + said(time, n * 300) + "," + usual.format(n=n) + "}" for n in range(20)]
    whole = [*around[:10], *(line.format(time=said(time, 2800)) for line in lines), *around[10:], ""]
    return "\n".join(whole).encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(("message", "rules"), pairs(MESSAGES, RULES))
def test_a_message_is_what_its_line_alone_says(message: str, rules: RuleSet) -> None:
    line = '{{{time},"msg":"' + message.replace("{n}", "7") + '","level":"error"}}'
    for block in (600, 20_000):
        assert_agrees([log_of([line] * 3)], rules, block)


@pytest.mark.parametrize(("other", "rules"), pairs(OTHERS, RULES))
def test_another_field_is_what_its_line_alone_says(other: str, rules: RuleSet) -> None:
    field = other.format(n=7).replace("{", "{{").replace("}", "}}")
    lines = [
        "{{{time}," + field + ',"msg":"job 7 ends"}}',
        '{{{time},"msg":"very bad luck",' + field + "}}",
        '{{"x":1,' + field + ',"msg":"job \\"7\\" starts",{time}}}',
    ]
    for block in (600, 20_000):
        assert_agrees([log_of(lines)], rules, block)


@pytest.mark.parametrize(("line", "time"), pairs(ODD, TIMES))
def test_a_line_that_is_no_usual_object_is_read_as_the_plain_path_does(line: str, time: str) -> None:
    for block in (600, 20_000):
        assert_agrees([log_of([line], time=time)], BY_ATTRIBUTES, block)


def test_sources_that_went_through_different_decodings_do_not_share_what_texts_say() -> None:
    shown = [f'{{{{{{time}},"msg":"job ☕{n} ends"}}}}' for n in range(4)]
    fine = log_of(shown, usual='"msg":"☕ job {n} starts"')
    wrong = fine.decode().encode().decode("latin-1").encode()
    for logs in ([fine, wrong], [wrong, fine], [wrong, wrong]):
        assert_agrees(logs, BY_MESSAGE, 600)


def told(log: bytes, rules: RuleSet) -> tuple[int, int]:
    """Return how many lines of a log are told by their texts, and how many are looked at by themselves."""
    counts = [0, 0]
    of = JsonTexts.of

    def watched(self: JsonTexts, data: bytes, hits: Hits) -> Any:
        found = of(self, data, hits)
        counts[0] += len(found) - found.count(None)
        counts[1] += found.count(None)
        return found

    with patch.object(JsonTexts, "of", watched):
        ask([log], rules, 20_000, scanned=True)
    return counts[0], counts[1]


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("time", [time for time in TIMES if "today" not in time])
def test_usual_lines_need_not_be_looked_at_by_themselves(rules: RuleSet, time: str) -> None:
    usual = '"level":"info","msg":"job {n} starts","job":{n},"req":{{"host":"web"}}'
    by_text, by_line = told(log_of([], usual, time), rules)
    assert by_text >= 12
    assert by_line == 0


CHANGES = (
    *((" 17:2", " 18:2"), ("T17:2", "T18:2"), ("29", "60"), ("10-11", "02-30"), ("9", ":"), (":", ";")),
    *(
        ("7", "77"),
        ("2", "\u0662"),
        ("5", "50"),
        ("T", " "),
        ("T", "t"),
        ("Z", "z"),
        ("Z", "+00:30"),
        ("Z", ""),
    ),
    *(
        (".", ","),
        (",", "."),
        ("+02", "-02"),
        ("17:", "1760203772"),
        ("1760", ""),
        ("1760", "1761"),
        ("1", "01"),
    ),
)
"""What makes another time of what writers say, or none."""


@pytest.mark.parametrize(("time", "change"), pairs(TIMES, CHANGES))
def test_a_time_that_is_written_otherwise_is_read_as_the_plain_path_does(
    time: str, change: tuple[str, str]
) -> None:
    moments = [said(time, 17_500 + 333 * n) for n in range(9)]
    moments[4] = moments[4].replace(*change)
    lines = ["{{" + moment + ',"msg":"job 7 ends"}}' for moment in moments]
    assert_agrees([log_of(lines, time=time)], BY_MESSAGE, 20_000)


@pytest.mark.parametrize(
    "name", ['a"b', "a\\b", "a\nb", "a.", ".b", "a..b", "", "☕", "message", "log", "time"]
)
def test_any_name_can_be_looked_at(name: str) -> None:
    rules = RuleSet((count(id="by-name", pattern=text("job "), labels=(f"attributes.{name}",)),))
    other = json.dumps(name) + ':"{n}"'
    nested = (
        json.dumps({"a": {"": {"b": 1}, "b": 2}, "": {"b": 3}})[1:-1].replace("{", "{{").replace("}", "}}")
    )
    for usual in (f'"msg":"job {{n}} starts",{other}', f'"msg":"job {{n}} starts",{nested}'):
        assert_agrees([log_of([], usual)], rules, 20_000)


def test_rules_say_at_which_attributes_they_look() -> None:
    assert attributes_of(BY_MESSAGE) == frozenset()
    assert attributes_of(BY_LEVEL) == {"level"}
    assert attributes_of(BY_ATTRIBUTES) == {"job", "req.user.id", "req.user", "req.host", "size"}
    assert prefilter(BY_LEVEL).looking_at("dep.id").attributes == {"level", "dep.id"}
