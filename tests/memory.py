"""How much memory a program took, measured by itself."""

from __future__ import annotations

# Not `ru_maxrss`: what the program that started it had taken counts there too, and a test runner may have taken a lot.
PEAK = """
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
"""
"""Source of a function that returns the most memory that the process has held so far, in KiB."""
