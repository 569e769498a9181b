"""Names that rotation gives: which log a file was once, and which of two is older."""

from __future__ import annotations

import pytest

from logwatch.following.rotation import LIVE, age, rotated, unpacked


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("app.log.1", "app.log"),
        ("app.log.12.gz", "app.log"),
        ("app.1.log", "app.log"),
        ("app.2.log.zst", "app.log"),
        ("app.log-20251011", "app.log"),
        ("app.log-20251011-1760203852.gz", "app.log"),
        ("app-2025-10-11.log", "app.log"),
        ("app-2025-10-11T12-00-00.000.log.gz", "app.log"),
        ("app.log.2025-10-11", "app.log"),
        ("app.log.gz", "app.log"),
    ],
)
def test_rotated_names_lead_to_their_log(name: str, base: str) -> None:
    known = rotated(f"/var/log/{name}")
    assert known is not None
    assert known.base == f"/var/log/{base}"
    assert age(f"/var/log/{name}", f"/var/log/{base}") < LIVE


@pytest.mark.parametrize(
    "name", ["app.log", "worker", "app-out-0.log", "app.log.bak", "2025.log", "v1.2.log.old"]
)
def test_other_names_are_live_ones(name: str) -> None:
    assert rotated(f"/var/log/{name}") is None


@pytest.mark.parametrize(
    "names",
    [
        ["app.log.10.gz", "app.log.9.gz", "app.log.2", "app.log.1", "app.log"],
        ["app.log-20241231", "app.log-20250101.gz", "app.log-20250102-2", "app.log-20250102-11", "app.log"],
        ["app-2025-10-11T12-00.log", "app-2025-10-11T13-00.log", "app.log"],
    ],
)
def test_files_of_a_log_are_sorted_by_their_names(names: list[str]) -> None:
    base = names[-1]
    assert sorted(names[1::2] + names[::2], key=lambda name: age(name, base)) == names


def test_what_was_compressed_has_its_name_without_the_suffix() -> None:
    assert unpacked("/var/log/app.log.1.gz") == "/var/log/app.log.1"
    assert unpacked("/var/log/app.log.1") is None
