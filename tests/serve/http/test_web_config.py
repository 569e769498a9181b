"""`web.yml` as the exporter-toolkit writes it: what is honoured, and every fault told with its line."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from logwatch.errors import ConfigError
from logwatch.serve.http.web_config import WebConfig, load_web_config

HASH = "$2y$04$" + "a" * 53


def written(folder: Path, text: str) -> Path:
    path = folder / "web.yml"
    path.write_text(text)
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load_web_config(path)
    return [str(problem).removeprefix(f"{path.parent}/") for problem in refused.value.problems]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n"])
def test_a_file_that_says_nothing_asks_for_nothing(tmp_path: Path, text: str) -> None:
    assert load_web_config(written(tmp_path, text)) == WebConfig()


def test_users_and_headers_are_read(tmp_path: Path) -> None:
    config = load_web_config(
        written(
            tmp_path,
            f"basic_auth_users:\n  alice: {HASH}\n  '0042': '{HASH}'\n"
            "http_server_config:\n  http2: false\n  headers:\n    x-frame-options: sameorigin\n"
            "    Strict-Transport-Security: max-age=31536000\n",
        )
    )
    assert config.users == {"alice": HASH.encode(), "0042": HASH.encode()}
    assert config.headers == {
        "X-Frame-Options": "sameorigin",
        "Strict-Transport-Security": "max-age=31536000",
    }
    assert config.authenticates
    assert HASH not in repr(config)


def test_all_faults_are_told_at_once_and_no_password_with_them(tmp_path: Path) -> None:
    text = f"""\
basic_auth_user: {{}}
basic_auth_users:
  alice: hunter2
  bob: 12345
  'a:b': {HASH}
  carol: {HASH.replace("04", "31")}
http_server_config:
  http2: true
  headers:
    X-Powered-By: us
    X-Frame-Options: "a\\nb"
tls_server_config:
  cert_file: server.crt
  client_auth_type: RequireAnyClientCert
  min_version: TLS10
  cipher_suites: []
"""
    assert problems(written(tmp_path, text)) == [
        "web.yml:1: unknown key 'basic_auth_user'; did you mean 'basic_auth_users'?",
        "web.yml:3: the password of user 'alice' is no bcrypt hash; make one with: htpasswd -nBC 10 alice",
        "web.yml:4: the password of user 'bob' is no bcrypt hash; make one with: htpasswd -nBC 10 bob",
        "web.yml:5: user 'a:b' cannot log in: a name has no colon and is not empty",
        "web.yml:6: the bcrypt hash of user 'carol' has cost 31; it must be 4 to 16, such as 10",
        "web.yml:8: 'http2' is true, and this server speaks HTTP/1.1; remove the line",
        "web.yml:10: header 'X-Powered-By' cannot be set; those that can are Content-Security-Policy, "
        "Strict-Transport-Security, X-Content-Type-Options, X-Frame-Options, X-XSS-Protection",
        "web.yml:11: header 'X-Frame-Options' must be printable ASCII on one line",
        "web.yml:13: 'tls_server_config' has no 'key_file': the private key of it, as PEM, without a password",
        "web.yml:14: 'client_auth_type' is 'RequireAnyClientCert', which is none of NoClientCert, "
        "VerifyClientCertIfGiven, RequireAndVerifyClientCert; did you mean 'RequireAndVerifyClientCert'?",
        "web.yml:15: 'min_version' is 'TLS10', which is none of TLS12, TLS13; did you mean 'TLS13'?",
        "web.yml:16: unknown key 'cipher_suites'; known here: cert_file, key_file, client_auth_type, "
        "client_ca_file, min_version, max_version",
    ]


TLS = "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n"


def test_parts_of_tls_that_do_not_go_together_are_told(tmp_path: Path) -> None:
    versions = "  min_version: TLS13\n  max_version: TLS12\n"
    assert problems(written(tmp_path, f"{TLS}  client_auth_type: VerifyClientCertIfGiven\n{versions}")) == [
        "web.yml:4: 'client_auth_type' needs 'client_ca_file', which says whose certificates count",
        "web.yml:6: 'max_version' TLS12 is older than 'min_version' TLS13",
    ]
    assert problems(written(tmp_path, f"{TLS}  client_ca_file: ca.crt\n")) == [
        "web.yml:4: 'client_ca_file' does nothing without 'client_auth_type: RequireAndVerifyClientCert'"
    ]


def test_certificates_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    missing = "cannot be read (No such file or directory); check the path and its permissions"
    path = written(tmp_path, TLS)
    assert problems(path) == [
        f"web.yml:2: 'cert_file' {tmp_path}/a.crt {missing}",
        f"web.yml:3: 'key_file' {tmp_path}/a.key {missing}",
    ]
    for name in ("a.crt", "a.key"):
        (tmp_path / name).write_text("no PEM")
    (problem,) = problems(path)
    assert problem.startswith(
        "web.yml:2: certificate, key and authorities do not work together as PEM files ("
    )


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path / "web.yml") == [
        "web.yml: cannot be read (No such file or directory); check the path and its permissions"
    ]


def test_only_certificates_that_are_required_keep_others_away() -> None:
    from logwatch.serve.http.web_config import TlsConfig

    def asking(mode: ssl.VerifyMode) -> WebConfig:
        return WebConfig(TlsConfig(Path("c"), Path("k"), mode, Path("ca")))

    assert asking(ssl.CERT_REQUIRED).authenticates
    assert not asking(ssl.CERT_OPTIONAL).authenticates
    assert not WebConfig().authenticates
