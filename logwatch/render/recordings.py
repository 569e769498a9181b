"""What alerts ask for more than once, recorded: numbers of runs, their error ratios, ratios."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from logwatch.render.alert import Recording
from logwatch.render.promql import duration
from logwatch.ruleset.model import PairRule, RatioRule, RuleSet
from logwatch.serve import names

RATIO_WINDOW = timedelta(hours=1)
RATIO_DENOMINATOR = f"ratio:logwatch_ratio_denominator:increase{duration(RATIO_WINDOW)}"
RATIO_VALUE = f"ratio:logwatch_ratio:ratio_increase{duration(RATIO_WINDOW)}"
BURN_WINDOWS = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 60, 360))


def judged(window: timedelta) -> str:
    """Return the name of the recorded number of runs that say something about success."""
    return f"pair:logwatch_pair_judged:increase{duration(window)}"


def errors(window: timedelta) -> str:
    """Return the name of the recorded share of them that did not succeed."""
    return f"pair:logwatch_pair_errors:ratio_increase{duration(window)}"


def recordings(ruleset: RuleSet) -> Iterator[Recording]:
    """Yield what the alerts of these rules ask for."""
    if any(isinstance(rule, PairRule) for rule in ruleset.rules):
        for window in BURN_WINDOWS:
            yield from _burn(window)
    if any(isinstance(rule, RatioRule) for rule in ruleset.rules):
        above, below = (
            _increase(name, RATIO_WINDOW) for name in (names.RATIO_NUMERATOR, names.RATIO_DENOMINATOR)
        )
        yield Recording(RATIO_DENOMINATOR, below)
        yield Recording(RATIO_VALUE, f"{above}\n/\n{below}")


def _burn(window: timedelta) -> Iterator[Recording]:
    completed, failed, timed_out = (
        _increase(name, window) for name in (names.PAIR_COMPLETED, names.PAIR_FAILED, names.PAIR_TIMED_OUT)
    )
    yield Recording(judged(window), f"{completed}\n+ {failed}\n+ {timed_out}")
    yield Recording(errors(window), f"(\n  {failed}\n  + {timed_out}\n)\n/\n{judged(window)}")


def _increase(name: str, window: timedelta) -> str:
    return f"sum without (instance) (increase({name}[{duration(window)}]))"
