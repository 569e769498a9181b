"""State is written as maps of names: what one release writes down, the next one reads."""

from __future__ import annotations

from array import array
from collections import Counter, OrderedDict
from typing import Any

import msgspec
import pytest

from logwatch.engine.aggregate_runs import RunSums
from logwatch.engine.engine import Engine
from logwatch.engine.funnel import FunnelSums
from logwatch.engine.losses import Losses
from logwatch.engine.memory import Expiry, Memory, PairMemory
from logwatch.engine.pairs import PairCorrelator
from logwatch.engine.saved import restored, saved
from logwatch.engine.sequences import SequenceCorrelator
from logwatch.engine.sums import CountSums, ExpectSums, MeasureSums, RatioSums, Sums
from logwatch.ruleset.model import RuleSet
from logwatch.timespec import EARLIEST

from .world import at, pair, sequence, span

EVIDENCE = {"source": "a.log", "line": 1, "offset": 0, "time": at(1), "text": "start 1", "role": "start"}
CITATIONS = {"kept": 5, "first": [[EVIDENCE]], "last": []}
NONE_CITED = {"kept": 5, "first": [], "last": []}
SUMS = {"timeouts": 1, "older": 2, "span": {"first": at(1), "last": at(2)}, "citations": CITATIONS}
COUNT = {**SUMS, "matches": 3, "labels": {("7", ""): 3}}
RUNS = {
    **SUMS,
    "counts": {"started": 2, "completed": 1},
    "older_counts": {"failed": 1},
    "stopped": {"one": 1},
    "steps": {"one": 2, "two": 1},
    "durations": [1.5],
    "ends": [1760202061.5],
    "late": [2.0],
    "in_flight": [at(2)],
    "first_completed": 1,
    "first_judged": 2,
    "successes": {"kept": 1, "first": [[EVIDENCE, EVIDENCE]], "last": []},
}
FUNNEL = {
    **SUMS,
    "times": {"one": [1760202001.0]},
    "undated": {"two": 1},
    "never": 1,
    "failures": NONE_CITED,
    "reached": {"one": CITATIONS},
}
RATIO = {
    **SUMS,
    "totals": {"numerator": [1e16, 1.0], "denominator": []},
    "records": {"numerator": 2},
    "integral": True,
    "unreadable": 1,
}
MEASURE = {**COUNT, "values": [0.25, 4.0], "unreadable": 1, "passed": 4, "stride": 2}
EXPECT = {**COUNT, "by_key": {"w1": 3, "w2": 0}, "times": {"w1": [1760202001.0]}}
START = {
    "rule": "job",
    "role": "start",
    "time": at(1),
    "source": "a.log",
    "evidence": EVIDENCE,
    "key": ["1"],
    "labels": [],
    "values": [],
    "deployment": None,
}
LIFE = {
    "number": 1,
    "key": ["1"],
    "start": START,
    "deadline": at(241),
    "starts": [at(1)],
    "announced": False,
    "end": None,
    "first_attempt_completed": None,
    "skewed": False,
}


def kept(known: Any) -> dict[str, Any]:
    return {"most": 9, "kept": known}


PAIR_MEMORY = {
    "closed": kept({("2",): [at(5), True], ("1",): [at(3), True]}),
    "expired": kept({("3",): [at(5), [{"started": at(0), "deadline": at(1)}]]}),
    "early": kept({("4",): [at(5), START]}),
    "enqueued": kept({}),
}
PAIR = {
    "lives": 1,
    "slots": {("1",): {"open": [LIFE], "failed": None, "detached": []}},
    "memory": PAIR_MEMORY,
    "newest": at(1),
}
WALK = {"first": START, "reached": 0, "at": at(1), "source": "a.log", "deadline": at(61)}
WALKS = {
    "walks": {("1",): WALK},
    "closed": kept({("2",): [at(5), True]}),
    "missed": kept({("3",): [at(5), WALK]}),
    "newest": at(1),
}


def read(state: bytes) -> Any:
    return msgspec.msgpack.decode(state)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (CountSums, COUNT),
        (ExpectSums, EXPECT),
        (MeasureSums, MEASURE),
        (RatioSums, RATIO),
        (RunSums, RUNS),
        (FunnelSums, FUNNEL),
    ],
)
def test_sums_are_maps_of_names(kind: type[Sums], written: dict[str, Any]) -> None:
    state = msgspec.msgpack.encode(written)
    assert read(saved(restored(kind, state))) == read(state)


def test_sums_are_read_as_the_collections_that_they_were() -> None:
    runs = restored(RunSums, msgspec.msgpack.encode(RUNS))
    assert (runs.counts, runs.durations) == (Counter(started=2, completed=1), array("d", [1.5]))
    assert (type(runs.counts), type(runs.durations)) == (Counter, array)
    expect = restored(ExpectSums, msgspec.msgpack.encode(EXPECT))
    assert expect.labels == Counter({("7", ""): 3})
    assert expect.times == {"w1": array("d", [1760202001.0])}


def test_what_a_pair_remembers_stays_in_order() -> None:
    memory = restored(PairMemory, msgspec.msgpack.encode(PAIR_MEMORY))
    closed: Memory[bool] = Memory(9, OrderedDict({("2",): (at(5), True), ("1",): (at(3), True)}))
    assert memory.closed == closed
    assert list(memory.closed.kept) == [("2",), ("1",)]
    assert memory.expired.kept == {("3",): (at(5), [Expiry(at(0), at(1))])}


def test_an_engine_is_a_map_of_names() -> None:
    correlators = {"job": PAIR, "walk": WALKS}
    state = {
        "losses": {"a.log": [[at(1), at(2)]]},
        "correlators": {name: msgspec.msgpack.encode(known) for name, known in correlators.items()},
    }
    engine = Engine(RuleSet((pair(), sequence())), span(10))
    engine.restore(msgspec.msgpack.encode(state))
    written = read(engine.state())
    assert written["losses"] == {"a.log": [[at(1), at(2)]]}
    assert {name: read(known) for name, known in written["correlators"].items()} == {
        name: read(msgspec.msgpack.encode(known)) for name, known in correlators.items()
    }


@pytest.mark.parametrize(
    ("correlator", "known"),
    [
        (PairCorrelator(pair(), span(10), Losses(), print), PAIR),
        (SequenceCorrelator(sequence(), span(10), Losses(), print), WALKS),
    ],
)
def test_a_correlator_may_not_know_how_new_its_newest_match_is(
    correlator: PairCorrelator | SequenceCorrelator, known: dict[str, Any]
) -> None:
    older = {name: value for name, value in known.items() if name != "newest"}
    correlator.restore(msgspec.msgpack.encode(older))
    assert read(correlator.state()) == read(msgspec.msgpack.encode({**older, "newest": EARLIEST}))
