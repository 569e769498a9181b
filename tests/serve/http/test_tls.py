"""TLS as `tls_server_config` asks for it: a real server, certificates of the openssl command."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .certificates import OPENSSL, signed
from .world import Serving, connect, everything_from, serving

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
PLAIN = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
REQUIRED = f"{PLAIN}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    signed(tmp_path, "ca")
    signed(tmp_path, "server", by="ca")
    (tmp_path / "web.yml").write_text(PLAIN)
    return tmp_path


@pytest.fixture
def served(folder: Path) -> Iterator[Serving]:
    with serving(web_config=folder / "web.yml") as one:
        yield one


def trusting(folder: Path, client: str | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=folder / "ca.crt")
    if client is not None:
        context.load_cert_chain(folder / f"{client}.crt", folder / f"{client}.key")
    return context


def ask(served: Serving, context: ssl.SSLContext) -> int:
    return httpx.get(f"https://127.0.0.1:{served.port}/-/ready", verify=context).status_code


def test_answers_come_over_tls_and_plain_http_gets_none(served: Serving, folder: Path) -> None:
    assert ask(served, trusting(folder)) == 200
    with connect(served.port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") as client:
        assert b"HTTP" not in everything_from(client)


def test_versions_are_those_that_are_asked_for(served: Serving, folder: Path) -> None:
    old = trusting(folder)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    assert ask(served, old) == 200
    (folder / "web.yml").write_text(f"{PLAIN}  min_version: TLS13\n")
    with pytest.raises(httpx.TransportError):
        ask(served, old)
    assert ask(served, trusting(folder)) == 200


def test_a_renewed_certificate_is_used_by_the_next_connection(served: Serving, folder: Path) -> None:
    before = ssl.get_server_certificate(("127.0.0.1", served.port))
    signed(folder, "server", by="ca")
    after = ssl.get_server_certificate(("127.0.0.1", served.port))
    assert after != before
    assert after == (folder / "server.crt").read_text()
    assert ask(served, trusting(folder)) == 200


def test_a_broken_certificate_lets_nobody_in_until_it_is_mended(
    served: Serving, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    right = (folder / "server.crt").read_text()
    (folder / "server.crt").write_text("half a certif")
    assert [ask(served, trusting(folder)) for _ in range(2)] == [500, 500]
    told = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert len(told) == 1
    assert "certificate, key and authorities do not work together as PEM files" in told[0]
    (folder / "server.crt").write_text(right)
    assert ask(served, trusting(folder)) == 200


def test_clients_without_the_right_certificate_are_refused(served: Serving, folder: Path) -> None:
    signed(folder, "prometheus", by="ca")
    signed(folder, "stranger")
    (folder / "web.yml").write_text(REQUIRED)
    assert ask(served, trusting(folder, "prometheus")) == 200
    for client in (None, "stranger"):
        with pytest.raises(httpx.TransportError):
            ask(served, trusting(folder, client))
    (folder / "web.yml").write_text(
        REQUIRED.replace("RequireAndVerify", "Verify").replace("Cert\n", "CertIfGiven\n")
    )
    assert ask(served, trusting(folder)) == 200
    with pytest.raises(httpx.TransportError):
        ask(served, trusting(folder, "stranger"))


def test_a_certificate_that_everybody_must_show_is_authentication_enough(folder: Path) -> None:
    signed(folder, "prometheus", by="ca")
    (folder / "web.yml").write_text(REQUIRED)
    with serving(web_config=folder / "web.yml", local=False) as served:
        assert ask(served, trusting(folder, "prometheus")) == 200


def test_a_key_with_a_password_is_an_error_and_not_a_question(folder: Path) -> None:
    import subprocess

    from logwatch.errors import ConfigError
    from logwatch.serve.http.web_config import load_web_config

    assert OPENSSL is not None
    command = [OPENSSL, "pkey", "-in", "server.key", "-aes256", "-passout", "pass:x", "-out", "locked.key"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "web.yml").write_text(PLAIN.replace("server.key", "locked.key"))
    with pytest.raises(ConfigError, match="do not work together as PEM files"):
        load_web_config(folder / "web.yml")
