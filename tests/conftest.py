"""What all tests share: expected outputs as files, refreshed by one flag."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable, Iterator

import hypothesis
import pytest
from httpx._transports import default as transports

# How long an example takes depends on what else the machine does: no test is about that. The same code is tested with
# the same examples, so that what fails has been broken; HYPOTHESIS_PROFILE=explore looks for new ones.
hypothesis.settings.register_profile("logwatch", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "logwatch"))

# What is started in the background ignores Ctrl-C, and so does all that it starts: tests send it, and wait for the end.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-golden",
        action="store_true",
        help="write expected outputs as they come out now, instead of comparing with them",
    )


@pytest.fixture(scope="session", autouse=True)
def certificates_are_read_once() -> Iterator[None]:
    """Each client of httpx reads those of every authority there is, which takes longer than most tests do."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(transports, "create_ssl_context", functools.cache(transports.create_ssl_context))
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the file of that name in `golden/` beside the test; --refresh-golden writes it."""
    folder = request.path.parent / "golden"

    def compare(name: str, text: str) -> None:
        file = folder / name
        if request.config.getoption("--refresh-golden"):
            folder.mkdir(exist_ok=True)
            file.write_bytes(text.encode("utf-8"))
        assert text == file.read_bytes().decode("utf-8")

    return compare
