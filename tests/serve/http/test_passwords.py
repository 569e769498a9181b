"""Who is let in by `basic_auth_users`: read anew with every request, and telling strangers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bcrypt
import httpx
import pytest

from logwatch.serve.http.passwords import Passwords, credentials

from .world import Serving, serving

LONG = "ü" * 40  # 80 bytes


def hashed(password: str, cost: int = 4) -> str:
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(cost)).decode()


def write(path: Path, **users: str) -> None:
    lines = [f"  {name}: '{hashed(password)}'\n" for name, password in users.items()]
    path.write_text("basic_auth_users:\n" + "".join(lines) if lines else "")


@pytest.fixture
def web(tmp_path: Path) -> Path:
    path = tmp_path / "web.yml"
    write(path, alice="s3cret", long=LONG)
    return path


@pytest.fixture
def served(web: Path) -> Iterator[Serving]:
    with serving(web_config=web, local=False) as one:
        yield one


def status(served: Serving, *login: str, path: str = "/-/healthy") -> int:
    return httpx.get(served.url + path, auth=login or None).status_code  # type: ignore[arg-type]


def test_every_path_asks_who_is_there(served: Serving) -> None:
    for path in ("/", "/metrics", "/api/v1/status", "/-/healthy", "/-/ready", "/assets/page.css", "/nothing"):
        refused = httpx.get(served.url + path)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == 'Basic realm="logwatch", charset="UTF-8"'
        assert refused.text == "who is asking? give a user and a password\n"
    assert status(served, "alice", "s3cret", path="/metrics") == 200
    assert httpx.post(f"{served.url}/-/reload", auth=("alice", "s3cret")).status_code == 200


@pytest.mark.parametrize(
    "login",
    [("alice", "S3cret"), ("alice", ""), ("bob", "s3cret"), ("", ""), ("alice", "s3cret\0"), ("a:b", "c")],
)
def test_what_is_wrong_is_refused(served: Serving, login: tuple[str, str]) -> None:
    assert status(served, *login) == 401


def test_a_password_counts_as_far_as_bcrypt_looks(served: Serving) -> None:
    assert status(served, "long", LONG) == 200
    assert status(served, "long", LONG[:36] + "different") == 200  # 72 bytes are the same
    assert status(served, "long", LONG[:35]) == 401


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ???",
        "Basic YWxpY2U=",
        "Bearer YWxpY2U6czNjcmV0",
        "Basic /zpi",
        "Basic YWxpY2U6czNjcmV0x",
    ],
)
def test_a_header_that_holds_no_credentials_is_refused(served: Serving, header: str) -> None:
    assert credentials(header) is None
    assert httpx.get(served.url, headers={"Authorization": header}).status_code == 401


def test_users_are_those_that_the_file_names_now(served: Serving, web: Path) -> None:
    assert status(served, "alice", "s3cret") == 200
    write(web, alice="other")
    assert status(served, "alice", "s3cret") == 401  # although it was remembered
    assert status(served, "alice", "other") == 200
    write(web, bob="b")
    assert [status(served, "alice", "other"), status(served, "bob", "b")] == [401, 200]


def test_while_the_file_is_wrong_nobody_is_let_in(
    served: Serving, web: Path, caplog: pytest.LogCaptureFixture
) -> None:
    right = web.read_text()
    web.write_text("basic_auth_users: {alice: s3cret}\n")
    for _ in range(2):
        refused = httpx.get(served.url, auth=("alice", "s3cret"))
        assert (refused.status_code, refused.text) == (
            500,
            "the web configuration is wrong, nobody is let in; the log says what to mend\n",
        )
    (told,) = [record.getMessage() for record in caplog.records if record.name.startswith("logwatch")]
    assert told == (
        "nobody is let in until the web configuration is mended:\n"
        f"{web}:1: the password of user 'alice' is no bcrypt hash; make one with: htpasswd -nBC 10 alice"
    )
    web.write_text(right)
    assert status(served, "alice", "s3cret") == 200
    web.unlink()
    assert status(served, "alice", "s3cret") == 500


def test_a_public_server_whose_users_were_taken_out_lets_nobody_in(served: Serving, web: Path) -> None:
    write(web)
    refused = httpx.get(served.url, auth=("alice", "s3cret"))
    assert (refused.status_code, refused.text) == (
        403,
        "nobody has to say who they are here any more, so nobody is let in: give basic_auth_users\n",
    )


def test_headers_of_the_file_are_sent_and_can_only_forbid_more(served: Serving, web: Path) -> None:
    with web.open("a") as file:
        file.write(
            "http_server_config:\n  headers:\n    Content-Security-Policy: script-src 'unsafe-inline'\n"
            "    X-Frame-Options: sameorigin\n    Strict-Transport-Security: max-age=60\n"
        )
    answer = httpx.get(served.url)
    assert answer.headers["x-frame-options"] == "sameorigin"
    assert answer.headers["strict-transport-security"] == "max-age=60"
    policies = answer.headers["content-security-policy"].split(", ")
    assert policies[0].startswith("default-src 'none'; ")
    assert policies[1:] == ["script-src 'unsafe-inline'"]


class Counting:
    """bcrypt, and the costs at which it was asked."""

    def __init__(self) -> None:
        self.costs: list[int] = []

    def checkpw(self, password: bytes, wanted: bytes) -> bool:
        self.costs.append(int(wanted[4:6]))
        return bcrypt.checkpw(password, wanted)


def test_a_stranger_costs_what_a_user_does_and_a_user_costs_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counting = Counting()
    monkeypatch.setattr("logwatch.serve.http.passwords.bcrypt", counting)
    users = {"alice": hashed("s3cret", 5).encode()}
    passwords = Passwords()
    assert not passwords.check(users, "nobody", b"x")
    assert not passwords.check(users, "alice", b"x")
    assert passwords.check(users, "alice", b"s3cret")
    assert counting.costs == [5, 5, 5]
    assert passwords.remembered(users, "alice", b"s3cret")
    assert not passwords.remembered(users, "alice", b"x")
    assert not passwords.remembered({"alice": hashed("s3cret", 4).encode()}, "alice", b"s3cret")


def test_only_so_many_logins_are_remembered() -> None:
    passwords = Passwords()
    users = {f"u{n}": hashed("p").encode() for n in range(101)}
    for user in users:
        assert passwords.check(users, user, b"p")
    assert [passwords.remembered(users, user, b"p") for user in ("u0", "u1", "u100")] == [False, True, True]
