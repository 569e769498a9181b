"""The binomial distribution in pure Python: exact tails at any size, fast up to ten million trials.

Tails are regularised incomplete beta functions, summed as a continued fraction (modified Lentz method,
Numerical Recipes 6.4). Its factor x^a (1-x)^b / B(a, b) is taken from Stirling's series in the manner of
Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000): the difference of three log-gammas
of ten million would leave only eight digits.
"""

from __future__ import annotations

import math

_TINY = 1e-300
_EPSILON = 1e-16
_STIRLING_FROM = 15.0
_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def binomial_cdf(k: int, n: int, p: float) -> float:
    """Return P(X <= k) for X ~ Binomial(n, p), 0 <= p <= 1."""
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    return incomplete_beta(n - k, k + 1, 1.0 - p)


def binomial_tail(k: int, n: int, p: float) -> float:
    """Return P(X >= k) for X ~ Binomial(n, p), 0 <= p <= 1; exact where it is small."""
    if k <= 0:
        return 1.0
    if k > n:
        return 0.0
    return incomplete_beta(k, n - k + 1, p)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return I_x(a, b), the share of the beta distribution below `x`; a, b > 0 and 0 <= x <= 1."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    factor = _factor(a, b, x)
    # the fraction converges fast on the near side of the mean only
    if x < (a + 1.0) / (a + b + 2.0):
        return min(1.0, factor * _fraction(a, b, x) / a)
    return max(0.0, 1.0 - factor * _fraction(b, a, 1.0 - x) / b)


def beta_quantile(share: float, a: float, b: float) -> float:
    """Return the x with I_x(a, b) = share; a, b >= 1 and 0 < share < 1.

    Newton's method held inside a bracket that halves where a step would leave it.
    """
    low, high = 0.0, 1.0
    x = a / (a + b)
    for _ in range(200):
        excess = incomplete_beta(a, b, x) - share
        if excess > 0.0:
            high = x
        else:
            low = x
        density = _factor(a, b, x) / (x * (1.0 - x))
        following = x - excess / density if density > 0.0 else low
        if not low < following < high:
            following = (low + high) / 2.0
        if abs(following - x) <= 1e-15 * x:
            return following
        x = following
    return x


def _factor(a: float, b: float, x: float) -> float:
    """Return x^a (1-x)^b / B(a, b)."""
    n = a + b
    off = x * n - a  # how far x lies from the mean, in successes; the failures are off by as much
    power = (
        _log_ratio(a, off)
        + _log_ratio(b, -off)
        + 0.5 * math.log(a / n * b)
        - _HALF_LOG_2PI
        + _stirling_error(n)
        - _stirling_error(a)
        - _stirling_error(b)
    )
    return math.exp(power)


def _log_ratio(a: float, off: float) -> float:
    ratio = off / a
    return a * math.log1p(ratio) if ratio > -1.0 else -math.inf


def _stirling_error(z: float) -> float:
    """Return log Gamma(z) less Stirling's approximation of it."""
    if z < _STIRLING_FROM:
        return math.lgamma(z) - ((z - 0.5) * math.log(z) - z + _HALF_LOG_2PI)
    s = 1.0 / (z * z)
    return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / z


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of I_x(a, b); needs about sqrt(max(a, b)) terms."""
    total, rising, falling = a + b, a + 1.0, a - 1.0
    c = 1.0
    d = 1.0 - total * x / rising
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    result = d
    for m in range(1, 1000 + 10 * math.isqrt(int(max(a, b)))):
        even = a + 2 * m
        for term in (
            m * (b - m) * x / ((falling + 2 * m) * even),
            -(a + m) * (total + m) * x / (even * (rising + 2 * m)),
        ):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = 1.0 + term / c
            c = c if abs(c) > _TINY else _TINY
            step = d * c
            result *= step
        if abs(step - 1.0) <= _EPSILON:
            break
    return result
