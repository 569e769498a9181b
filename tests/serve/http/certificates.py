"""Certificates made by openssl, as people make them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

OPENSSL = shutil.which("openssl")


def signed(folder: Path, name: str, by: str | None = None) -> None:
    """Write NAME.crt and NAME.key for 127.0.0.1, signed by the authority `by`, else by itself."""
    assert OPENSSL is not None
    authority = ["-CA", f"{by}.crt", "-CAkey", f"{by}.key"] if by else []
    purpose = "basicConstraints=critical,CA:FALSE" if by else "basicConstraints=critical,CA:TRUE"
    command = [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "30", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-addext", purpose, "-keyout", f"{name}.key", "-out", f"{name}.crt", *authority]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
