"""A real Postgres server of the tests' own, in a temporary folder, on a free port of 127.0.0.1; gone after."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def find_binaries() -> Path | None:
    """Return the folder of initdb and pg_ctl, from PATH or where Debian puts them; None where there is none."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _demote() -> tuple[Callable[[], None] | None, int | None]:
    # Postgres refuses to run as root.
    if os.geteuid() != 0:
        return None, None
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue

        def become(uid: int = user.pw_uid, gid: int = user.pw_gid) -> None:
            os.setgid(gid)
            os.setuid(uid)

        return become, user.pw_uid
    raise RuntimeError("running as root, and there is no other user to run Postgres as")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(binaries: Path, *settings: str) -> Iterator[str]:
    """Start a server with `NAME=VALUE` settings; yield its URL without a database's name."""
    become, uid = _demote()
    folder = Path(tempfile.mkdtemp(prefix="logwatch-pg-"))
    if uid is not None:
        os.chown(folder, uid, -1)
    data, port = folder / "data", _free_port()

    def run(*command: str) -> None:
        done = subprocess.run(
            command, preexec_fn=become, cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode != 0:
            log = folder / "log"
            raise RuntimeError(f"{command[0]}: {done.stderr}{log.read_text() if log.exists() else ''}")

    try:
        run(
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        )
        chosen = ("listen_addresses=127.0.0.1", "max_connections=200", *settings)
        options = f"-p {port} -k {folder} " + " ".join(f"-c {setting}" for setting in chosen)
        run(
            str(binaries / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start"
        )
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}"
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
