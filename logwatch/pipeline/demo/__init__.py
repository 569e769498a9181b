"""The pipeline's half of `logwatch demo`: the incident of 11 October 2025, re-enacted on a fast clock.

A real worker runs real orders; what is not real is the clock of its log, and how long parser and image search take.
A normal run imports nothing of this package.
"""

from .clock import FastClock
from .incident import DEPLOYMENTS, Deployed
from .reenact import ORDERS, Stage, reenact

__all__ = ["DEPLOYMENTS", "ORDERS", "Deployed", "FastClock", "Stage", "reenact"]
