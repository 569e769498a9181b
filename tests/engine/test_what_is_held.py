"""What the engine holds: moments to look again at a key, what it remembers of others, where data was lost."""

from __future__ import annotations

import tracemalloc
from datetime import datetime

from logwatch.engine.losses import Losses
from logwatch.engine.memory import Expiry, Memory, PairMemory
from logwatch.engine.slot import Spans
from logwatch.engine.timers import Timers

from .world import at, pair, span

A, B, C = ("a",), ("b",), ("c",)


def test_keys_are_due_by_their_moments_and_only_before_the_one_that_is_asked_about() -> None:
    timers = Timers()
    for key, seconds in ((B, 2), (A, 1), (C, 3)):
        timers.set(key, at(seconds))
    assert list(timers.due(at(3))) == [A, B]
    assert list(timers.due(at(3))) == []
    assert list(timers.due(at(3.001))) == [C]


def test_a_key_is_due_at_its_last_moment_alone_and_never_once_it_is_cancelled() -> None:
    timers = Timers()
    timers.set(A, at(1))
    timers.set(A, at(5))
    timers.set(B, at(1))
    timers.cancel(B)
    assert list(timers.due(at(5))) == []
    timers.set(A, at(2))
    assert list(timers.due(at(9))) == [A]


def test_moments_that_no_longer_hold_take_no_room() -> None:
    timers = Timers()
    tracemalloc.start()
    for n in range(20_000):
        timers.set(A, at(n))
        timers.set((str(n),), at(n))
        timers.cancel((str(n),))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 100_000
    assert list(timers.due(at(99_999))) == [A]


def test_what_is_kept_is_known_up_to_its_moment() -> None:
    memory: Memory[int] = Memory(9)
    assert memory.keep(A, at(5), 1) is None
    assert (memory.get(A, at(5)), memory.get(A, at(5.001)), memory.get(B, at(0))) == (1, None, None)
    assert (memory.take(A, at(6)), memory.take(A, at(5)), memory.take(A, at(5))) == (None, 1, None)


def test_what_is_over_is_let_go_of() -> None:
    memory: Memory[int] = Memory(9)
    for n, key in enumerate((A, B, C)):
        memory.keep(key, at(n), n)
    assert memory.forget(at(1)) == [0]
    assert memory.forget(at(9)) == [1, 2]
    assert memory.forget(at(9)) == []


def test_past_the_most_what_was_kept_first_is_forgotten() -> None:
    memory: Memory[int] = Memory(2)
    memory.keep(A, at(5), 1)
    memory.keep(B, at(5), 2)
    assert memory.keep(A, at(5), 3) is None
    assert memory.keep(C, at(5), 4) == 2
    assert [memory.get(key, at(0)) for key in (A, B, C)] == [3, None, 4]


def late(memory: PairMemory, seconds: float) -> datetime | None:
    run = memory.late(A, at(seconds), at(seconds), Spans.of(pair(), span(10)))
    return run and run.started


def test_runs_that_timed_out_are_remembered_each_for_its_own_time_and_no_more_than_the_most() -> None:
    memory, spans = PairMemory.of(2), Spans.of(pair(), span(10))
    for seconds in (0, 100, 200):
        memory.expire(A, Expiry(at(seconds), at(seconds + 240)), spans)
    assert [late(memory, 300) for _ in range(3)] == [at(100), at(200), None]
    for seconds in (0, 100):
        memory.expire(A, Expiry(at(seconds), at(seconds + 240)), spans)
    assert [late(memory, 841), late(memory, 841)] == [at(100), None]


def test_losses_leave_out_their_ends() -> None:
    losses = Losses()
    losses.add("a.log", at(10), at(20))
    assert losses.touch("a.log", at(0), at(10.001))
    assert losses.touch("a.log", at(19.999), at(30))
    assert losses.touch("a.log", at(12), at(13))
    assert not losses.touch("a.log", at(0), at(10))
    assert not losses.touch("a.log", at(20), at(30))
    assert not losses.touch("b.log", at(0), at(30))


def test_losses_that_meet_are_one() -> None:
    losses = Losses()
    for after, before in ((10, 20), (15, 30), (30, 31), (12, 13), (40, 50)):
        losses.add("a.log", at(after), at(before))
    assert losses.spans == {"a.log": [(at(10), at(31)), (at(40), at(50))]}
